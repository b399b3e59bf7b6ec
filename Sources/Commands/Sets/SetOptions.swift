import ArgumentParser
import Contract

/// The flags that say how the set is applied that the documents are the members of.
struct SetOptions: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("The set that the documents are; a ManifestSet among them says the same.", valueName: "name")
    )
    var name: String?

    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: "Delete what the set's last revision had and this one has not; else the set says.")
    var prune: Bool?

    @Option(
        name: .customLong("max-prune-percent"),
        help: ArgumentHelp("Which share of the members may be deleted this time.", valueName: "0-100"))
    var maxPrunePercent: Int?

    @Flag(name: .customLong("allow-empty"), help: "Apply a set without any member.")
    var allowEmpty = false

    @Flag(help: "Take over objects that are members of other sets.")
    var adopt = false

    @Option(
        name: .customLong("if-revision"),
        help: ArgumentHelp("Only if the set is at this revision; 0: only if it has none.", valueName: "number"))
    var ifRevision: UInt64?

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Why, for the set's history.", valueName: "text"))
    var message: String?

    @Option(help: ArgumentHelp("The Git commit of the documents, for the set's history.", valueName: "name"))
    var commit: String?

    func validate() throws {
        if let maxPrunePercent, !(0...100).contains(maxPrunePercent) {
            throw ValidationError("--max-prune-percent \(maxPrunePercent) must be 0 to 100")
        }
        if name == "" { throw ValidationError("--set needs a name") }
    }

    /// Nil if no flag was given.
    var request: SetRequest? {
        let request = SetRequest(
            name: name, prune: prune, maxPrunePercent: maxPrunePercent, allowsEmpty: allowEmpty, adopts: adopt,
            ifRevision: ifRevision, message: message ?? "", commit: commit ?? "")
        return request == SetRequest() ? nil : request
    }
}
