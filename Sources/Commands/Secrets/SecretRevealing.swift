import Contract
import JSONText
import Manifest
import Primitives

/// What `get secret NAME --reveal` prints: the values of Secrets, for an administrator. Each leaves an event.
struct SecretRevealing {
    let client: ClusterClient
    let namespace: String
    let format: OutputFormat

    /// - Throws: ``CommandFailure`` for anything but Secrets by their names.
    func run(_ selections: [ResourceSelection]) async throws {
        guard selections.allSatisfy({ $0.kind == .secret && !$0.names.isEmpty }) else {
            throw CommandFailure.error("--reveal shows Secrets by their names: blixard get secret NAME --reveal")
        }
        guard format != .wide, format != .name else {
            throw CommandFailure.error("--reveal prints values: use it without -o, or with -o json, yaml or jsonpath")
        }
        var objects: [JSON] = []
        for name in selections.flatMap(\.names) {
            var object = try await client.object(.secret, namespace: namespace, name: name)
            let answer: Answered<RevealedSecret> = try await client.connection.post(
                .reveal(namespace: namespace, secret: name), nil,
                request: RequestReference(random: client.world.randomBytes(16), baseRevision: nil))
            object["spec"] = nil
            object["data"] = answer.json["data"]
            objects.append(object)
        }
        guard format.isTable else {
            let output = ObjectOutput(format: format, world: client.world, withHeader: true)
            if objects.count == 1 { try output.print(objects[0]) } else { try output.print(list: objects) }
            return
        }
        for object in objects {
            for member in object["data"]?.object ?? [:] {
                let bytes = member.value.string.flatMap { Base64.decode($0) } ?? []
                try client.world.output.line("\(member.key.harmless): \(Self.text(of: bytes))")
            }
        }
    }

    /// Text as it is but for what a terminal would obey; bytes that are no text in base64.
    private static func text(of bytes: [UInt8]) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return "\(Base64.encode(bytes)) (base64 of \(bytes.count) bytes that are no text)"
        }
        return text.harmless
    }
}
