import Fleet
import Manifest
import Primitives

/// An object whose next state a command waits for.
struct AwaitedObject: Equatable {
    var key: ObjectKey
    /// Of the object that is meant: one that was created anew under the name is another. Nil if it has none.
    var uid: String?
    /// Of the spec that is waited for.
    var generation: Int64

    init(key: ObjectKey, uid: String?, generation: Int64) {
        self.key = key
        self.uid = uid
        self.generation = generation
    }

    init(_ result: MutationResult) {
        self.init(
            key: result.key, uid: result.uid?.description, generation: Int64(clamping: result.generation))
    }
}
