import JSONText
import Manifest

extension ObjectKey {
    /// The members that name an object in a body.
    var members: JSON { ["kind": .string(kind), "namespace": .string(namespace), "name": .string(name)] }
}

extension AnswerReader {
    /// The object that the members `kind`, `namespace` and `name` name.
    func objectKey() throws(AnswerMismatch) -> ObjectKey {
        ObjectKey(kind: try text("kind"), namespace: try text("namespace"), name: try text("name"))
    }
}
