public import Primitives

/// Why a text is no ticket that can be used.
public enum TicketProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text does not begin with `blx1`.
    case prefix
    /// A character that tickets never contain, counted from 1.
    case character(Character, position: Int)
    /// Characters are missing at the end, or there are too many.
    case length(characters: Int, expected: Int)
    case checksum
    case unknownVersion(UInt8)
    /// The checksum is right and the content is not: written by a program with other ideas.
    case content(String)
    case expired(at: WallTime)
    /// What it would have to hold is more than a ticket holds; for the node that makes one.
    case tooLarge(bytes: Int)

    public var description: String {
        switch self {
        case .prefix: "does not begin with \(Ticket.prefix); copy it whole, from \"blixard ticket create\""
        case .character(let character, let position):
            "has \"\(character)\" at character \(position), which no ticket contains; copy it again"
        case .length(let characters, let expected):
            "has \(characters) characters where \(expected) belong; copy it whole"
        case .checksum: "does not match its checksum: a character is wrong; copy it again"
        case .unknownVersion(let version): "has version \(version), which this program does not know; update it"
        case .content(let problem): "can't be understood (\(problem)); ask for a new one"
        case .expired(let time): "expired at \(time); ask for a new one"
        case .tooLarge(let bytes):
            "would have \(bytes) bytes, and one has at most \(Ticket.byteLimit): give the members fewer or shorter "
                + "addresses"
        }
    }
}
