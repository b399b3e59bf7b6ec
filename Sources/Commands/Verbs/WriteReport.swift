import JSONText
import Manifest

/// What an apply or a delete did to each object.
struct WriteReport: Equatable {
    let json: JSON
    let results: [Result]

    struct Result: Equatable {
        var key: ObjectKey
        /// `created`, `configured`, `unchanged`, `deleted`, `terminating` or `cleared`.
        var operation: String
        var uid: String?
        var generation: Int64
    }

    /// Nil if members are missing.
    init?(_ json: JSON) {
        self.json = json
        guard let items = json["results"]?.array else { return nil }
        var results: [Result] = []
        for item in items {
            guard let kind = item["kind"]?.string, let name = item["name"]?.string,
                let operation = item["operation"]?.string
            else { return nil }
            results.append(
                Result(
                    key: ObjectKey(kind: kind, namespace: item["namespace"]?.string ?? "", name: name),
                    operation: operation, uid: item["uid"]?.string, generation: item["generation"]?.integer ?? 0))
        }
        self.results = results
    }
}
