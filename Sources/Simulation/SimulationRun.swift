import Fleet
import Hypervisor
import Journal
import Primitives
import Raft
import Replica

/// A whole cluster in one thread: nodes with the real consensus, fleet, loops, codecs and log, on a simulated network,
/// disks, machines and users, driven by one seed.
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

    var swarm: Swarm
    var phase = Phase.forming
    var now = Instant(milliseconds: 1000)
    var queue = EventQueue()
    var nodes: [SimulatedNode] = []
    var network: SimulatedNetwork
    var users: [SimulatedUser] = []
    var report: SimulationReport
    var trace: SimulationTrace

    // Chance, one generator for each part, so that a change in one leaves the others alone.
    var networkChance: SeededGenerator
    var diskChance: SeededGenerator
    var faultChance: SeededGenerator
    var machineChance: SeededGenerator
    var userChance: SeededGenerator
    var seeds: SeededGenerator

    // What the checks remember.
    var history = CanonicalHistory()
    var leaders: [Term: NodeID] = [:]
    /// The newest index that a user has seen.
    var seenIndex: UInt64 = 0
    var waiters: [Waiter: (user: Int, attempt: UInt64)] = [:]
    var nextWaiter: UInt64 = 1
    /// What the one who sets up the cluster was answered last.
    var setUpAnswer: WriteResult?
    static let setUpUser = -1

    public init(seed: UInt64, options: SimulationOptions) {
        self.seed = seed
        self.options = options
        var root = SeededGenerator(seed: seed)
        var swarmChance = root.split()
        swarm = Swarm(drawnFrom: &swarmChance, strengthPercent: options.strengthPercent)
        networkChance = root.split()
        diskChance = root.split()
        faultChance = root.split()
        machineChance = root.split()
        userChance = root.split()
        seeds = root.split()
        network = SimulatedNetwork(nodes: options.nodes)
        report = SimulationReport(seed: seed, options: options)
        trace = SimulationTrace(keepsLines: options.keepsTrace)
    }

    /// Runs to the end, or to the first violation.
    public mutating func run() -> SimulationReport {
        do throws(Violation) {
            try form()
            begin()
            let end = now + options.faultMilliseconds + options.convergenceMilliseconds + 10_000
            try runUntil(end) { $0.phase == .over }
        } catch {
            trace.note(.violation(error), at: now)
            report.violations.append(error)
        }
        report.simulatedMilliseconds = now.milliseconds
        report.elections = leaders.count
        report.entries = history.lastIndex
        report.machineStarts = nodes.reduce(0) { sum, node in
            sum + node.machines.machines.values.reduce(0) { $0 + Int($1.starts) }
        }
        report.traceDigest = trace.digest
        report.trace = trace.lines
        return report
    }

    /// Handles events in their order until the condition holds, or time is up.
    mutating func runUntil(_ deadline: Instant, _ isDone: (SimulationRun) -> Bool) throws(Violation) {
        while !isDone(self), now <= deadline, let (moment, event) = queue.next() {
            now = moment
            report.steps += 1
            try handle(event)
        }
    }

    static func key(_ number: Int) -> PublicKey {
        guard let key = PublicKey([UInt8](repeating: UInt8(number), count: 32)) else {
            preconditionFailure("a key of 32 bytes is a key")
        }
        return key
    }

    func wall(of node: Int) -> WallTime {
        WallTime(milliseconds: 1_700_000_000_000 + now.milliseconds + nodes[node].wallOffset)
    }

    mutating func schedule(_ event: SimulationEvent, in milliseconds: Int64) {
        queue.schedule(event, at: now + milliseconds)
    }

    mutating func count(_ kind: FaultKind, _ times: Int = 1) { report.faultsByKind[kind, default: 0] += times }

    mutating func note(_ event: TraceEvent) { trace.note(event, at: now) }

    private mutating func handle(_ event: SimulationEvent) throws(Violation) {
        switch event {
        case .tick(let run): try tick(run)
        case .lookAtPeers(let run): try lookAtPeers(run)
        case .deliver(let bytes, let from, let to): try deliver(bytes, from: from, to: to)
        case .input(let input, let run): try feed(input, to: run)
        case .journalDone(let run): try journalDone(run)
        case .driverBegins(let uid, let work, let run): try driverBegins(uid, work, run)
        case .driverDone(let uid, let failure, let run): try driverDone(uid, failure, run)
        case .look(let uid, let run): try look(uid, run)
        case .machineChanged(let uid, let node): try machineChanged(uid, node)
        case .userActs(let user): try userActs(user)
        case .userWaited(let user, let attempt): try userWaited(user, attempt)
        case .strike: try strike()
        case .heal(let wound): heal(wound)
        case .restart(let node): try start(node)
        case .resume(let run): try resume(run)
        case .restartMachine(let uid, let node): try restartMachine(uid, node)
        case .endOfFaults: try endFaults()
        case .checkConvergence: try checkConvergence()
        }
    }
}
