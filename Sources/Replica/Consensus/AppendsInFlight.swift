/// The work that the journal was given and has not completed, and how long it has completed nothing.
///
/// Time is counted in ticks of this node: a node that was stopped from outside, or stalled, gets none for that time,
/// and takes it for no fault of its disk.
struct AppendsInFlight: Equatable, Sendable {
    /// Never below zero: the journal completes only what it was given.
    private(set) var count = 0
    /// Since the journal completed something, or was given work while it had none.
    private(set) var silentTicks = 0

    mutating func begin() {
        if count == 0 { silentTicks = 0 }
        count += 1
    }

    mutating func complete() {
        precondition(count > 0, "the journal completed work that it was not given")
        count -= 1
        silentTicks = 0
    }

    mutating func tick() {
        if count > 0 { silentTicks += 1 }
    }
}
