/// An object as it behaves when its users come one after the other: what a concurrent history is measured against.
///
/// A model may be uncertain: where an operation's outcome leaves open what it did, ``step(from:_:_:into:)`` gives every
/// state that fits. It must be pure, and an operation whose answer is unknown must be possible in every state, if only
/// without effect.
package protocol SequentialModel: Sendable {
    associatedtype State: Hashable, Sendable
    /// What a user asks for.
    associatedtype Input: Sendable
    /// What a user is told.
    associatedtype Output: Sendable
    /// Operations of different partitions concern different objects, and are checked apart from each other.
    associatedtype Partition: Comparable, Hashable, Sendable

    /// The state of a partition before its first operation.
    var initialState: State { get }

    func partition(of input: Input) -> Partition

    /// Appends every state that the operation can lead to; none if it can't be answered like this in this state.
    ///
    /// - Parameter output: What the user was told; nil if it never learned what became of the operation.
    func step(from state: State, _ input: Input, _ output: Output?, into next: inout [State])

    /// Whether nothing can depend on the operation's coming late: where it is possible and leaves the state as it is,
    /// whatever else can be explained with it at a later time can be explained with it now.
    ///
    /// True of reads and of refusals; they are then placed as soon as they fit, without a search. A write that happens
    /// to write what is there is none: it may be needed for its effect later.
    func isObservation(_ input: Input, _ output: Output?) -> Bool
}
