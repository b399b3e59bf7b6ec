/// A pattern for one name of a directory: `*` is any run of signs, `?` any one, `[a-z]` and `[!a-z]` one of a set, and
/// `\` takes the sign after it as it is.
struct NamePattern {
    private enum Piece {
        case sign(UInt32)
        case any
        case run
        case set([ClosedRange<UInt32>], isNegated: Bool)
    }

    private let pieces: [Piece]

    /// Nil for a bracket that is not closed or a range that is none.
    init?(_ text: some StringProtocol) {
        var pieces: [Piece] = []
        var signs = text.unicodeScalars.map(\.value)[...]
        while let sign = signs.popFirst() {
            switch Unicode.Scalar(sign) {
            case "*": pieces.append(.run)
            case "?": pieces.append(.any)
            case "[":
                guard let set = Self.set(&signs) else { return nil }
                pieces.append(set)
            case "\\": pieces.append(.sign(signs.popFirst() ?? sign))
            default: pieces.append(.sign(sign))
            }
        }
        self.pieces = pieces
    }

    /// What stands behind `[`, with the closing bracket; a bracket that stands first belongs to the set.
    private static func set(_ signs: inout ArraySlice<UInt32>) -> Piece? {
        func isSign(_ value: UInt32?, _ sign: Unicode.Scalar) -> Bool { value == sign.value }
        let isNegated = isSign(signs.first, "!") || isSign(signs.first, "^")
        if isNegated { signs.removeFirst() }
        var ranges: [ClosedRange<UInt32>] = []
        while let sign = signs.popFirst() {
            if isSign(sign, "]"), !ranges.isEmpty { return .set(ranges, isNegated: isNegated) }
            let low = isSign(sign, "\\") ? signs.popFirst() ?? sign : sign
            var high = low
            if isSign(signs.first, "-"), let end = signs.dropFirst().first, !isSign(end, "]") {
                signs.removeFirst(2)
                high = end
            }
            guard low <= high else { return nil }
            ranges.append(low...high)
        }
        return nil
    }

    /// - Parameter name: As the file system has it. A byte that belongs to no sign of UTF-8 is a sign of its own.
    func matches(_ name: [UInt8]) -> Bool {
        let signs = Self.signs(of: name)
        var (sign, piece) = (0, 0)
        // The last run, and where what follows it was tried last: an earlier run need never take more.
        var retry: (piece: Int, sign: Int)?
        while sign < signs.count {
            if piece < pieces.count, case .run = pieces[piece] {
                retry = (piece, sign)
                piece += 1
            } else if piece < pieces.count, Self.matches(pieces[piece], signs[sign]) {
                sign += 1
                piece += 1
            } else if let last = retry {
                retry = (last.piece, last.sign + 1)
                (sign, piece) = (last.sign + 1, last.piece + 1)
            } else {
                return false
            }
        }
        return pieces[piece...].allSatisfy { if case .run = $0 { true } else { false } }
    }

    private static func matches(_ piece: Piece, _ sign: UInt32) -> Bool {
        switch piece {
        case .sign(let wanted): sign == wanted
        case .any, .run: true
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(sign) } != isNegated
        }
    }

    private static func signs(of name: [UInt8]) -> [UInt32] {
        var signs: [UInt32] = []
        var position = 0
        var rest = name.makeIterator()
        var parser = UTF8.ForwardParser()
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid(let encoded):
                signs.append(UTF8.decode(encoded).value)
                position += encoded.count
            case .error(let length):
                // Beyond every scalar.
                signs += name[position..<position + length].map { 0x11_0000 + UInt32($0) }
                position += length
            case .emptyInput: return signs
            }
        }
    }
}
