import Fleet
import Hypervisor
import Journal
import Primitives
import Raft
import Replica

/// A whole cluster in one thread: nodes with the real consensus, fleet, loops, codecs and log, on a simulated network,
/// disks, clocks, machines and users, driven by one seed.
///
/// The same seed and options give the same run, event by event, in every process. It has two phases: faults strike
/// while users work, and every step is checked; then faults end, and within bounded time everything must be as it is
/// wanted.
public struct SimulationRun {
    static let clusterID = "simulated"
    static let administrator = SimulationRun.key(200)
    static let ticketHash = [UInt8](repeating: 9, count: 32)
    /// A cluster that can be formed at all is formed by then.
    static let formationMilliseconds: Int64 = 60_000

    enum Phase: Equatable {
        case forming
        case faults
        case calm(since: Instant)
        case over
    }

    public let seed: UInt64
    public let options: SimulationOptions
    let schedule: SimulationSchedule

    var phase = Phase.forming
    /// True time, which no node knows.
    var now = Instant(milliseconds: 1000)
    var queue = EventQueue()
    /// Every host that ever was; a node's Raft id is its place here and one.
    var nodes: [SimulatedNode] = []
    var network = SimulatedNetwork()
    var transfers: [Int: SnapshotTransfer] = [:]
    var nextTransfer = 1
    var users: [SimulatedUser] = []
    var operations = SimulatedOperator()
    /// The repository that the cluster follows; nil in seeds without one.
    var source: SimulatedSource?
    var atlas = FaultAtlas()
    var report: SimulationReport
    var trace: SimulationTrace

    // Chance, one generator for each part, so that a change in one leaves the others alone.
    var networkChance: SeededGenerator
    var diskChance: SeededGenerator
    var faultChance: SeededGenerator
    var machineChance: SeededGenerator
    var userChance: SeededGenerator
    var operatorChance: SeededGenerator
    var seeds: SeededGenerator
    var planChance: SeededGenerator
    var sourceChance: SeededGenerator

    // What the checks remember.
    var history = CanonicalHistory()
    var ledger = ConsensusLedger()
    var clients = ClientRecords()
    var expectations = PlanExpectations()
    /// The newest index that a user has seen.
    var seenIndex: UInt64 = 0
    var waiters: [Waiter: (user: Int, attempt: UInt64)] = [:]
    var nextWaiter: UInt64 = 1
    /// The last answer to the requests that set up the cluster.
    var setUpAnswer: WriteResult?
    static let setUpUser = -1
    static let operatorUser = -2

    public init(seed: UInt64, options: SimulationOptions) {
        self.init(
            seed: seed, options: options, schedule: SimulationSchedule(seed: seed, options: options), traceSink: nil)
    }

    /// A run that tells what happens as it happens.
    ///
    /// - Parameter traceSink: Takes each line of the trace.
    init(seed: UInt64, options: SimulationOptions, traceSink: @escaping (String) -> Void) {
        self.init(
            seed: seed, options: options, schedule: SimulationSchedule(seed: seed, options: options),
            traceSink: traceSink)
    }

    /// A run with a schedule that was written by hand.
    init(
        seed: UInt64, options: SimulationOptions, schedule: SimulationSchedule, traceSink: ((String) -> Void)?
    ) {
        var root = SeededGenerator(seed: ~seed)
        self.seed = seed
        self.options = options
        self.schedule = schedule
        networkChance = root.split()
        diskChance = root.split()
        faultChance = root.split()
        machineChance = root.split()
        userChance = root.split()
        operatorChance = root.split()
        seeds = root.split()
        planChance = root.split()
        sourceChance = root.split()
        report = SimulationReport(seed: seed, options: options)
        trace = SimulationTrace(keepsLines: options.keepsTrace, sink: traceSink)
    }

    var swarm: Swarm { schedule.swarm }

    /// Runs to the end, or to the first violation.
    public mutating func run() -> SimulationReport {
        do throws(Violation) {
            try form()
            begin()
            let end = now + options.faultMilliseconds + options.convergenceMilliseconds + 10_000
            try runUntil(end) { $0.phase == .over }
            try demandVerdict()
            try clients.check()
        } catch {
            trace.note(.violation(error), at: now)
            report.violations.append(error)
        }
        finishReport()
        return report
    }

    /// A run that ends before it has come to its end proves nothing.
    func demandVerdict() throws(Violation) {
        guard phase == .over else {
            throw Violation(.convergence, "the run ended after \(now.milliseconds) ms without a verdict")
        }
    }

    private mutating func finishReport() {
        report[.milliseconds] = Int(now.milliseconds)
        report[.elections] = ledger.leaders.count
        report[.entries] = Int(history.lastIndex)
        report[.operations] = clients.count
        report[.plannedSteps] = expectations.kept
        report[.machineStarts] = nodes.reduce(0) { sum, node in
            sum + node.machines.machines.values.reduce(0) { $0 + Int($1.starts) }
        }
        report.traceDigest = trace.digest
        report.trace = trace.lines
    }

    /// Handles events in their order until the condition holds, or time is up.
    mutating func runUntil(_ deadline: Instant, _ isDone: (borrowing SimulationRun) -> Bool) throws(Violation) {
        while !isDone(self), now <= deadline, let (moment, event) = queue.next() {
            now = moment
            report[.steps] += 1
            try handle(event)
        }
    }

    static func key(_ number: Int) -> PublicKey {
        guard let key = PublicKey([UInt8](repeating: UInt8(number), count: 32)) else {
            preconditionFailure("a key of 32 bytes is a key")
        }
        return key
    }

    /// What a host's own clock shows.
    func clock(of node: Int) -> Instant { nodes[node].clock.now(at: now) }

    func wall(of node: Int) -> WallTime {
        WallTime(milliseconds: 1_700_000_000_000 + now.milliseconds + nodes[node].wallOffset)
    }

    mutating func schedule(_ event: SimulationEvent, in milliseconds: Int64) {
        queue.schedule(event, at: now + milliseconds)
    }

    mutating func count(_ kind: FaultKind, _ times: Int = 1) { report.faultsByKind[kind, default: 0] += times }

    mutating func note(_ event: TraceEvent) { trace.note(event, at: now) }

    var isFaulty: Bool { phase == .faults }

    private mutating func handle(_ event: SimulationEvent) throws(Violation) {
        switch event {
        case .tick(let run): try tick(run)
        case .lookAtPeers(let run): try lookAtPeers(run)
        case .deliver(let bytes, let from, let to): try deliver(bytes, from: from, to: to)
        case .input(let input, let run): try feed(input, to: run)
        case .takeInbox(let run): try takeInbox(run)
        case .journalDone(let run): try journalDone(run)
        case .spaceWanted(let run): try spaceWanted(run)
        case .sealJournal(let run, let writes): try sealJournal(run, after: writes)
        case .snapshotWritten(let run): try snapshotWritten(run)
        case .transferEnds(let number): try transferEnds(number)
        case .driverBegins(let uid, let work, let run): try driverBegins(uid, work, run)
        case .driverDone(let uid, let failure, let run): try driverDone(uid, failure, run)
        case .look(let uid, let run): try look(uid, run)
        case .machineChanged(let uid, let node): try machineChanged(uid, node)
        case .userActs(let user): try userActs(user)
        case .userWaited(let user, let attempt): try userWaited(user, attempt)
        case .operatorActs: try operatorActs()
        case .strike(let strike): try carryOut(strike)
        case .heal(let wound): heal(wound)
        case .restart(let node): try start(node)
        case .resume(let run): try resume(run)
        case .restartMachine(let uid, let node): try restartMachine(uid, node)
        case .planAsked: try askForPlan()
        case .sourcePushed: sourcePushed()
        case .sourceFetched(let order, let run): try sourceFetched(order, run)
        case .endOfFaults: try endFaults()
        case .checkConvergence: try checkConvergence()
        }
    }
}
