import Contract
import Fleet
import Host
import JSONText
import Primitives

/// What `plan --out` writes and `apply --plan` reads: an apply, and what its plan saw.
struct PlanFile: Equatable {
    /// The cluster that was asked.
    var cluster: String
    /// With the documents, their set, and what must still be so.
    var apply: ApplyRequest
    /// As it was shown; nothing depends on it.
    var plan: JSON

    static let kind = "Plan"
    static let apiVersion = "blixard.dev/plan/v1"

    init(cluster: String, apply: ApplyRequest, plan: JSON) {
        self.cluster = cluster
        self.apply = apply
        self.plan = plan
    }

    /// - Parameter name: What errors call the file.
    /// - Throws: ``CommandFailure`` for what is no plan of this program.
    init(_ bytes: [UInt8], name: String) throws {
        func failure(_ problem: String) -> CommandFailure {
            .error("\(name.harmless): it is no plan file: \(problem.harmless)")
        }
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw failure("\(error)")
        }
        guard json["kind"] == .string(Self.kind), json["apiVersion"] == .string(Self.apiVersion) else {
            throw failure("it must have the kind \(Self.kind) and the apiVersion \(Self.apiVersion)")
        }
        guard let cluster = json["cluster"]?.string, let apply = json["apply"] else {
            throw failure("it must have the members cluster and apply")
        }
        do throws(APIStatus) {
            self.apply = try ApplyRequest(json: apply)
        } catch {
            throw failure(error.message)
        }
        guard self.apply.expectation != nil else { throw failure("what the plan saw is missing: apply.expected") }
        self.cluster = cluster
        plan = json["plan"] ?? .null
    }

    static func read(_ path: String) throws -> PlanFile {
        try PlanFile(try LocalFiles.read(path, limit: Limits.manifestFileBytes), name: path)
    }

    /// Written whole or not at all; only its owner reads it, because manifests may hold what is not for all.
    func write(to path: String) throws {
        do {
            try DurableFile.write(json.prettyBytes + [0x0a], to: path, mode: 0o600)
        } catch {
            throw CommandFailure.error("the plan can't be written to \(path.harmless): \("\(error)".harmless)")
        }
    }

    var json: JSON {
        [
            "apiVersion": .string(Self.apiVersion), "kind": .string(Self.kind), "cluster": .string(cluster),
            "apply": apply.json, "plan": plan,
        ]
    }
}
