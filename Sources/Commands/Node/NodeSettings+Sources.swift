import JSONText
import Primitives

extension NodeSettings {
    /// Says what the environment says.
    mutating func add(environment: [String: String]) {
        for setting in NodeSetting.allCases {
            guard let text = environment[setting.variable], !text.isEmpty else { continue }
            add(setting, text, origin: setting.variable)
        }
    }

    /// Says what a configuration file says: one JSON object whose members are the flags without their dashes.
    mutating func add(file path: String) throws {
        let bytes = try LocalFiles.read(path, limit: 1 << 20)
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
            guard let setting = NodeSetting(rawValue: member.key) else {
                let known = NodeSetting.allCases.map(\.key)
                let near = EditDistance.nearest(to: member.key, among: known)
                problems.append(
                    "\(place): unknown key \"\(member.key)\""
                        + (near.map { ", did you mean \"\($0)\"?" } ?? ": known are \(known.joined(separator: ", "))"))
                continue
            }
            guard let text = Self.text(of: member.value, setting) else {
                let allowed =
                    setting.separator != nil ? "a string or an array of strings" : "a string or a whole number"
                problems.append("\(place): \(member.key): found \(member.value.typeDescription), must be \(allowed)")
                continue
            }
            add(setting, text, origin: "\(path): \(member.key)")
        }
        guard problems.isEmpty else {
            throw CommandFailure(text: problems.map { "error: " + $0 }.joined(separator: "\n"))
        }
    }

    private static func text(of value: JSON, _ setting: NodeSetting) -> String? {
        switch value {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .array(let elements):
            guard let separator = setting.separator else { return nil }
            let texts = elements.compactMap(\.string)
            return texts.count == elements.count ? texts.joined(separator: separator) : nil
        default: return nil
        }
    }
}
