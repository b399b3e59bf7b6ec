import Fleet
import Manifest
import Primitives
import Reconcile
import Replica

// A Git repository that the cluster follows, in some of the seeds.
extension SimulationRun {
    /// Of a thousand seeds, so many have one.
    private static let perMille = 400
    /// The longest time between two pushes.
    private static let pushMilliseconds: Int64 = 15_000

    /// Has the cluster follow a repository, before anything fails.
    mutating func addSource() throws(Violation) {
        guard options.plantedBug == .fetchOlderCommit || sourceChance.chance(Self.perMille) else { return }
        source = SimulatedSource(generator: &sourceChance)
        try setUp(
            .write(
                WriteCommand(
                    request: RequestID.random(using: &sourceChance), baseRevision: 0,
                    mutations: [SimulatedSource.manifest])),
            author: Self.administrator)
        schedule(.sourcePushed, in: sourceChance.within(0...Self.pushMilliseconds))
    }

    /// People push until faults end.
    mutating func sourcePushed() {
        guard isFaulty || phase == .forming, source != nil else { return }
        source?.push(&sourceChance)
        schedule(.sourcePushed, in: sourceChance.within(0...Self.pushMilliseconds))
    }

    /// A fetch takes its time, and some never end.
    mutating func fetch(_ order: SourceOrder, _ run: AgentRun) {
        guard !isFaulty || !sourceChance.chance(20) else { return }
        schedule(.sourceFetched(order, run), in: sourceChance.within(1...2000))
    }

    mutating func sourceFetched(_ order: SourceOrder, _ run: AgentRun) throws(Violation) {
        guard isCurrent(run), let source else { return }
        try feed(.sourceFetched(order, answer(to: order, from: source)), to: run)
    }

    private mutating func answer(to order: SourceOrder, from source: SimulatedSource) -> SourceAnswer {
        if options.plantedBug == .fetchOlderCommit { return source.staleAnswer(to: order, &sourceChance) }
        guard isFaulty, sourceChance.chance(150) else { return source.answer(to: order) }
        let reason = sourceChance.element(of: SourceFailure.Reason.allCases)
        return .failed(
            SourceFailure(reason: reason, commit: reason == .badCommit ? source.commits.last?.name : nil, message: "no")
        )
    }

    /// What is not as the newest commit says; nil if all is.
    func problem(ofSourceIn fleet: Fleet) -> String? {
        guard let source, let newest = source.commits.last else { return nil }
        guard let object = fleet[SimulatedSource.key],
            let status = try? GitRepositoryStatus(canonical: object.status)
        else { return "the repository was never fetched" }
        guard status.lastAppliedCommit == newest.name, status.conditions["Ready"]?.status == .true else {
            let ready = status.conditions["Ready"]
            return "commit \(newest.number) is not in force: \(ready?.reason ?? "no word"), \(ready?.message ?? "")"
        }
        for case .put(let put) in newest.puts where fleet[put.key]?.annotations != put.annotations {
            return "\(put.key.name) is not as commit \(newest.number) says"
        }
        return nil
    }
}
