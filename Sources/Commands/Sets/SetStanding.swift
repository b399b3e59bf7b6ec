import Contract
import Fleet
import JSONText
import Manifest
import Primitives

/// What `describe` says of sets: of the one that an object is a member of, and of a set's own members.
struct SetStanding {
    private let client: ClusterClient
    /// Sets that were read, by their names.
    private var sets: [String: JSON?] = [:]

    init(_ client: ClusterClient) {
        self.client = client
    }

    /// `prod (revision 4, commit abc, by alice, 5m ago)`, or only the name where the set has no object; nil for an
    /// object that is a member of no set.
    mutating func text(of object: JSON) async throws -> String? {
        guard let name = object.manifestSet else { return nil }
        if sets[name] == nil {
            sets[name] = .some(try await client.objectIfThere(.manifestSet, namespace: "", name: name))
        }
        guard let status = sets[name]??["status"] else { return name }
        var parts = ["revision \(status["revision"]?.integer ?? 0)"]
        if let commit = status["commit"]?.string, !commit.isEmpty { parts.append("commit \(commit.prefix(12))") }
        if let author = status["author"]?.string, !author.isEmpty { parts.append("by \(author)") }
        if let time = status["appliedAt"]?.string {
            parts.append(AgeText.since(rfc3339: time, now: client.world.clock.wallTime) + " ago")
        }
        return "\(name) (\(parts.joined(separator: ", ")))"
    }

    /// Every object that a set's newest revision names, with how it stands; as rows of kind, namespace, name and that,
    /// by their keys.
    func members(of set: JSON) async throws -> [[String]] {
        let name = set.nameText ?? ""
        let number = set["status"]?["revision"]?.integer ?? 0
        guard number > 0 else { return [] }
        var rows: [[String]] = []
        for key in try await keys(ofRevision: number, of: name).sorted() {
            // A list does not say whose members its objects are.
            guard let kind = KindInfo.named(key.kind) else { continue }
            let object = try await client.objectIfThere(kind, namespace: key.namespace, name: key.name)
            let namespace = key.namespace.isEmpty ? "<none>" : key.namespace
            rows.append([key.kind, namespace, key.name, Self.standing(of: object, in: name)])
        }
        return rows
    }

    private static func standing(of object: JSON?, in name: String) -> String {
        guard let object else { return "not there" }
        guard let owner = object.manifestSet else { return "member of no set" }
        return owner == name ? "member" : "member of the set \(owner)"
    }

    private func keys(ofRevision number: Int64, of name: String) async throws -> Set<ObjectKey> {
        let answer: Answered<SetRevisionAnswer>
        do throws(ClientFailure) {
            answer = try await client.connection.get(.setRevision(set: name, number: String(number)))
        } catch {
            // It is no longer kept, or the set was deleted meanwhile.
            guard error.isNotFound else { throw error }
            return []
        }
        return Set(
            answer.body.documents.compactMap { document in
                guard let kind = document.kindText.flatMap(KindInfo.named), kind != .manifestSet,
                    let name = document.nameText
                else { return nil }
                return kind.key(namespace: document.namespaceText ?? KindInfo.defaultNamespace, name: name)
            })
    }
}

extension JSON {
    /// The name of the set that an object is a member of.
    var manifestSet: String? { self["metadata"]?["manifestSet"]?.string }
}
