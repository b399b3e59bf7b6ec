import Contract
import JSONText
import Manifest

/// Reads what `get` prints: the server's tables, or the objects themselves.
struct ObjectReading {
    let client: ClusterClient
    /// Nil for all namespaces.
    let namespace: String?
    let query: [(String, String)]
    let format: OutputFormat
    let ignoreNotFound: Bool
    /// What tables show beside the server's columns.
    var display = TableDisplay()

    var world: World { client.world }
    var accept: String? { format.isTable ? MediaType.table : nil }

    /// What was read of one selection, and what was not there.
    struct Answer {
        /// Tables or objects, as they came: one list, or one for each name.
        var documents: [JSON] = []
        var missing: [ClientFailure] = []
    }

    func read(_ selection: ResourceSelection) async throws -> Answer {
        var answer = Answer()
        if selection.names.isEmpty {
            let list = try await client.connection.get(
                ResourcePath.collection(selection.kind, namespace: namespace), query: query, accept: accept)
            try warnIfStale(list)
            answer.documents = [list]
            return answer
        }
        for name in selection.names {
            let path = ResourcePath.object(
                selection.kind, namespace: selection.kind.namespace(namespace ?? "default"), name: name)
            switch await client.answer(path, query: query, accept: accept) {
            case .success(let document): answer.documents.append(document)
            case .failure(let failure):
                guard failure.isNotFound else { throw failure }
                if !ignoreNotFound { answer.missing.append(failure) }
            }
        }
        return answer
    }

    /// An answer from one node's own knowledge says so.
    func warnIfStale(_ list: JSON) throws {
        guard let notes = list["metadata"]?["annotations"], notes["blixard.dev/consistency"]?.string == "stale" else {
            return
        }
        let leader = notes["blixard.dev/leader"]?.string ?? "none"
        try world.errors.line("Warning: this is what the answering node knows; it may be stale (leader: \(leader))")
    }

    /// The objects of documents that are lists or objects.
    static func objects(in documents: [JSON]) -> [JSON] {
        documents.flatMap { document in
            guard let items = document["items"]?.array else { return [document] }
            // Items of a list may leave away what the list says.
            let kind = document.kindText.map { $0.hasSuffix("List") ? String($0.dropLast(4)) : $0 }
            return items.map { item in
                guard item.kindText == nil, let kind else { return item }
                var whole: JSON = ["apiVersion": .string(KindInfo.apiVersion), "kind": .string(kind)]
                for member in item.object ?? JSONObject() { whole[member.key] = member.value }
                return whole
            }
        }
    }

    static func list(_ items: [JSON]) -> JSON {
        ["apiVersion": "v1", "kind": "List", "items": .array(items), "metadata": ["resourceVersion": ""]]
    }
}
