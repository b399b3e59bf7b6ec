import Glibc

/// Histories of other systems with the verdicts of another checker, found beside the checkout or where
/// `BLIXARD_SHARED` says.
struct StoredHistories {
    /// A line of the list of verdicts.
    struct Item: CustomStringConvertible, Sendable {
        var path: String
        var model: String
        var isLinearizable: Bool

        var description: String { path }
    }

    static let directory: String? = {
        if let shared = environment("BLIXARD_SHARED") { return existing(shared + "/linearizability") }
        var directory = #filePath
        while let slash = directory.lastIndex(of: "/"), slash != directory.startIndex {
            directory = String(directory[..<slash])
            if let found = existing(directory + "/shared/linearizability") { return found }
        }
        return nil
    }()

    static let absence = "no stored histories found; set BLIXARD_SHARED"

    /// Without the stored histories there is nothing to compare with; in CI that is a failure.
    static var mayRun: Bool { directory != nil || environment("CI") != nil }

    /// Nil if the list can't be read or has a line that is not understood.
    static func items() -> [Item]? {
        guard let directory, let text = read(directory + "/expected.tsv") else { return nil }
        var items: [Item] = []
        for line in text.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: "\t").map(String.init)
            guard fields.count == 3, let isLinearizable = Bool(fields[2]) else { return nil }
            items.append(Item(path: directory + "/" + fields[0], model: fields[1], isLinearizable: isLinearizable))
        }
        return items
    }

    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func existing(_ path: String) -> String? {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR ? path : nil
    }
}
