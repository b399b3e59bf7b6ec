import Fleet
import Raft

// Routes of the loops over objects of the fleet: each loop has its line in each of these, and the order of the lines is
// the order of its effects. What the shell answers to a loop comes by `handle`.
extension Replica {
    /// The loops take the whole state anew: at the start, and when a leader's snapshot was taken.
    mutating func adoptState() {
        machines.adopt(fleet, as: name, at: now, effects: &effects)
    }

    /// The loops take what committed entries have changed.
    mutating func followChanges() {
        machines.follow(fleet, as: name, at: now, effects: &effects)
    }

    /// The loops do what is due by the clock.
    mutating func tickLoops() {
        machines.tick(at: now, effects: &effects)
    }

    /// The loops make the passes that are due.
    mutating func runLoops() {
        askToCatchUp()
        machines.run(in: fleet, at: now, effects: &effects)
    }

    /// Asks once, as soon as a leader is known, whether this node's state is no older than its start.
    private mutating func askToCatchUp() {
        guard consensus.softState.leader != nil, machines.asksToCatchUp() else { return }
        reads.add(.machineLoop, at: now)
        startReadRound()
    }
}
