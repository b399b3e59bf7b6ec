import JSONText

/// What QEMU's machine protocol (QMP) says of itself when a connection begins.
struct QMPGreeting: Equatable, Sendable {
    /// Such as `7.2.22`.
    var version: String
}

/// Something that QEMU tells without being asked.
struct QMPEvent: Equatable, Sendable {
    var name: String
    var data: JSON
}

/// A command that QEMU refused.
struct QMPRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// `GenericError`, `CommandNotFound`, ...
    var errorClass: String
    var message: String

    var description: String { "\(errorClass): \(message)" }
}

/// One thing that came in over a connection.
enum QMPMessage: Equatable, Sendable {
    case greeting(QMPGreeting)
    case reply(id: Int64, Result<JSON, QMPRefusal>)
    case event(QMPEvent)
}

/// Bytes that are not the protocol; the connection is of no use any more.
struct QMPViolation: Error, Equatable, Sendable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
