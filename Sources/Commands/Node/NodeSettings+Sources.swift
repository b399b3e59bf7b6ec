import JSONText
import ManifestFiles
import Primitives

extension NodeSettings {
    /// Says what the environment says.
    mutating func add(environment: [String: String]) {
        for setting in NodeSetting.allCases {
            guard let text = environment[setting.variable], !text.isEmpty else { continue }
            add(setting, text, origin: setting.variable)
        }
        if let path = environment[Self.ticketFileVariable], !path.isEmpty {
            add(.joinTicket, "@" + path, origin: Self.ticketFileVariable)
        }
    }

    /// `--join-ticket-file` in the environment and in a configuration file.
    static let ticketFileVariable = "BLIXARD_JOIN_TICKET_FILE"
    static let ticketFileKey = "join-ticket-file"

    /// Says what a configuration file says: one JSON object whose members are the flags without their dashes.
    mutating func add(file path: String) throws {
        let file = ManifestText(try LocalFiles.read(path, limit: 1 << 20))
        if let problem = file.problem { throw FileFailure(path: path, problem: problem) }
        let bytes = file.bytes
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw CommandFailure.error("\(path):\(error)")
        }
        guard let object = json.object else {
            throw CommandFailure.error("\(path): found \(json.typeDescription), must be an object")
        }
        var problems: [String] = []
        for member in object {
            let position = JSONPositions.locate(JSONPath(keys: member.key), in: bytes, from: 0)
            let place = position.map { "\(path):\($0.key ?? $0.value)" } ?? path
            let isTicketFile = member.key == Self.ticketFileKey
            guard let setting = isTicketFile ? .joinTicket : NodeSetting(rawValue: member.key) else {
                let known = NodeSetting.allCases.map(\.key) + [Self.ticketFileKey]
                let near = EditDistance.nearest(to: member.key, among: known)
                problems.append(
                    "\(place): unknown key \"\(member.key.harmless)\""
                        + (near.map { ", did you mean \"\($0)\"?" } ?? ": known are \(known.joined(separator: ", "))"))
                continue
            }
            guard let text = setting.text(of: member.value) else {
                problems.append(
                    "\(place): \(member.key): found \(Self.shown(member.value)), must be \(setting.allowedInFiles)")
                continue
            }
            add(setting, isTicketFile ? "@" + text : text, origin: "\(path): \(member.key)")
        }
        guard problems.isEmpty else {
            throw CommandFailure(text: problems.map { "error: " + $0 }.joined(separator: "\n"))
        }
    }

    /// `5, a number`; of text only that it is some, because it may be a secret.
    private static func shown(_ value: JSON) -> String {
        switch value {
        case .string(let text): text.isEmpty ? "an empty string" : value.typeDescription
        case .integer, .number, .bool: "\(value.compactText), \(value.typeDescription)"
        default: value.typeDescription
        }
    }
}

extension NodeSetting {
    /// What the value of this key may be in a configuration file.
    fileprivate var allowedInFiles: String {
        switch self {
        case _ where separator != nil: "a string or an array of strings, none of them empty"
        case .id, .cpus: "a whole number, or a string of one"
        case .memory: "a string such as \"4Gi\", or a whole number of bytes"
        default: "a string that is not empty"
        }
    }

    /// What a value of a configuration file says, as a flag would say it; nil for a value of another type.
    fileprivate func text(of value: JSON) -> String? {
        switch (value, self) {
        case (.string(let text), _): return text.isEmpty ? nil : text
        case (.integer(let number), .id), (.integer(let number), .cpus), (.integer(let number), .memory):
            return String(number)
        case (.array(let elements), _):
            guard let separator else { return nil }
            let texts = elements.compactMap(\.string).filter { !$0.isEmpty }
            return texts.count == elements.count && !texts.isEmpty ? texts.joined(separator: separator) : nil
        default: return nil
        }
    }
}
