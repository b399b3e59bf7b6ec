import JSONText

/// One conversation in QEMU's machine protocol as a value: bytes in, messages out; commands in, bytes out.
///
/// A message is one JSON object on a line of its own. Replies carry the number of their command.
struct QMPSession: Sendable {
    /// No message of QEMU comes near; whatever is longer is something else.
    static let lineBytes = 4 << 20

    /// What has come of a line whose end has not.
    private var partial: [UInt8] = []
    private var nextID: Int64 = 1
    /// Whether there was a violation, which ends the conversation.
    private var isBroken = false

    /// The number by which the reply will be known, and what to send.
    mutating func command(_ name: String, arguments: JSON?) -> (id: Int64, bytes: [UInt8]) {
        let id = nextID
        nextID += 1
        var command: JSON = ["execute": .string(name), "id": .integer(id)]
        if let arguments { command["arguments"] = arguments }
        return (id, command.canonicalBytes + [UInt8(ascii: "\n")])
    }

    /// Takes in what was read, in pieces of any size.
    ///
    /// After a violation the session understands nothing any more and throws at every call.
    mutating func receive(_ bytes: some Sequence<UInt8>) throws(QMPViolation) -> [QMPMessage] {
        guard !isBroken else { throw QMPViolation("the connection was broken before") }
        var messages: [QMPMessage] = []
        do throws(QMPViolation) {
            for byte in bytes {
                if byte != UInt8(ascii: "\n") {
                    partial.append(byte)
                    guard partial.count <= Self.lineBytes else {
                        throw QMPViolation("a line of more than \(Self.lineBytes) bytes")
                    }
                    continue
                }
                let line = partial
                partial = []
                if let message = try Self.message(line) { messages.append(message) }
            }
        } catch {
            isBroken = true
            partial = []
            throw error
        }
        return messages
    }

    /// The message of a line; nil for an empty one.
    private static func message(_ line: [UInt8]) throws(QMPViolation) -> QMPMessage? {
        if line.allSatisfy({ $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: " ") }) { return nil }
        let value: JSON
        do throws(JSONError) {
            value = try JSON(parsing: line)
        } catch {
            throw QMPViolation("a line that is not JSON: \(error)")
        }
        if let greeting = value["QMP"] { return .greeting(QMPGreeting(version: version(in: greeting))) }
        if let name = value["event"]?.string { return .event(QMPEvent(name: name, data: value["data"] ?? .null)) }
        if let refusal = value["error"] {
            guard let errorClass = refusal["class"]?.string, let text = refusal["desc"]?.string else {
                throw QMPViolation("an error without class and description")
            }
            // Without a number it answers something that QEMU could not read, which is never ours.
            guard let id = value["id"]?.integer else { throw QMPViolation("an error for no command: \(text)") }
            return .reply(id: id, .failure(QMPRefusal(errorClass: errorClass, message: text)))
        }
        if let answer = value["return"], let id = value["id"]?.integer { return .reply(id: id, .success(answer)) }
        throw QMPViolation("an object that is no message")
    }

    private static func version(in greeting: JSON) -> String {
        let numbers = greeting["version"]?["qemu"]
        return ["major", "minor", "micro"].map { numbers?[$0]?.integer.map(String.init) ?? "?" }.joined(separator: ".")
    }
}
