import Raft

/// About how many bytes of entries the log holds that are not applied: what the next input may cause to be. Of an
/// append that another leader's entries cut, nothing is counted any more.
struct OpenLog: Equatable, Sendable {
    private struct Piece: Equatable {
        var last: LogIndex
        var bytes: Int
    }

    /// One for each append, in the order of the log.
    private var pieces: [Piece] = []
    /// The sum over ``pieces``.
    private(set) var bytes = 0

    /// Takes entries into the log, in place of those that it held from the first of them on.
    mutating func append(_ entries: some Collection<Entry>) {
        guard let first = entries.first else { return }
        while let newest = pieces.last, newest.last >= first.index {
            bytes -= newest.bytes
            pieces.removeLast()
        }
        var piece = Piece(last: first.index, bytes: 0)
        for entry in entries { piece = Piece(last: entry.index, bytes: piece.bytes + Int(entry.limitedBytes)) }
        pieces.append(piece)
        bytes += piece.bytes
    }

    mutating func applied(through index: LogIndex) {
        let done = pieces.prefix { $0.last <= index }
        guard !done.isEmpty else { return }
        for piece in done { bytes -= piece.bytes }
        pieces.removeFirst(done.count)
    }
}
