public import JSONText
import Primitives

/// The schema of a kind: what its documents may say, what is assumed where they say nothing, and what a change means.
public struct KindSchema: Sendable {
    public let kind: KindInfo
    /// The schema's text, as `schemas/` holds it.
    public let text: [UInt8]
    /// Of whole documents.
    let document: Schema
    let spec: Schema

    /// The schema of a kind; nil for kinds that users don't write.
    public static func of(_ kind: KindInfo) -> KindSchema? { all.first { $0.kind == kind } }

    /// By kind.
    public static let all = [
        KindSchema(.gitRepository, PackageResources.gitrepository_json),
        KindSchema(.image, PackageResources.image_json),
        KindSchema(.manifestSet, PackageResources.manifestset_json),
        KindSchema(.node, PackageResources.node_json),
        KindSchema(.secret, PackageResources.secret_json),
        KindSchema(.virtualMachine, PackageResources.virtualmachine_json),
    ]

    /// A broken schema is a broken program: it stops here, with the place.
    private init(_ kind: KindInfo, _ text: [UInt8]) {
        self.kind = kind
        self.text = text
        do {
            document = try SchemaLoader(JSON(parsing: text)).load()
        } catch {
            preconditionFailure("the schema of \(kind.kind) is broken: \(error)")
        }
        guard let spec = document.property("spec") else {
            preconditionFailure("the schema of \(kind.kind) has no spec")
        }
        self.spec = spec
    }

    /// The normal form of a valid spec: what the fleet stores and compares.
    public func normalForm(ofSpec spec: JSON) -> JSON { self.spec.normalForm(of: spec) }

    /// A spec with every default spelled out.
    public func filled(spec: JSON) -> JSON { self.spec.filled(spec) }

    /// The fields in which two specs differ, in the order of the schema. Defaults count as what they stand for.
    public func changes(from old: JSON, to new: JSON) -> [FieldChange] {
        spec.changes(from: old, to: new, at: JSONPath(keys: "spec"), inherited: .live)
    }

    /// What changing a field asks of a running machine; nil if there is no such field.
    ///
    /// - Parameter path: From `spec` on.
    public func update(ofChangeAt path: JSONPath) -> UpdateClass? {
        guard document.field(at: path) != nil else { return nil }
        var update = UpdateClass.live
        for length in 1...max(1, path.steps.count) {
            let field = document.field(at: JSONPath(Array(path.steps.prefix(length))))
            update = field?.keywords.update ?? update
        }
        return update
    }
}

extension UpdateClass {
    /// The most disturbing of what changes of these fields of a machine ask; a field that is not known asks the most.
    /// Nil for no change.
    ///
    /// - Parameter paths: From `spec` on.
    public static func of(_ paths: some Sequence<JSONPath>) -> UpdateClass? {
        let schema = KindSchema.of(.virtualMachine)!  // One of those that are always there.
        return paths.map { schema.update(ofChangeAt: $0) ?? .recreate }.max()
    }
}

extension VirtualMachineSpec {
    /// The fields in which two stored specs differ, each with what the change asks of a running machine.
    public static func changes(from old: JSON, to new: JSON) -> [FieldChange] {
        KindSchema.of(.virtualMachine)!.changes(from: old, to: new)
    }
}

extension SpecView {
    /// The spec as the fleet stores it.
    public var normalForm: JSON { KindSchema.of(Self.kind)?.normalForm(ofSpec: json) ?? json }
}
