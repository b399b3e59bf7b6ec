import Fleet

/// What following a repository must hold, whatever leaders come and go: each commit is put into force at most once, in
/// the order in which they were pushed.
struct SourceLedger {
    /// The number of the commit that was put into force last; 0 before the first.
    private var last: UInt64 = 0

    /// Takes what an entry did to sets.
    mutating func took(_ write: WriteCommand, _ answer: WriteAnswer, at index: UInt64) throws(Violation) {
        guard let set = write.change.set, set.name == SimulatedSource.name, answer.set?.isNew == true else { return }
        guard let number = SimulatedSource.number(ofCommit: set.commit) else {
            throw Violation(.sources, "entry \(index) applies the set of the repository from no commit of it")
        }
        guard number > last else {
            throw Violation(.sources, "entry \(index) applies commit \(number) after commit \(last)")
        }
        last = number
    }
}
