import Replica

/// What waits for a replica, and whose turn it is to handle it. It decides; ``ReplicaHost`` acts.
struct ReplicaInbox {
    /// What a host takes, and what it handles where.
    struct Limits: Sendable {
        /// What may wait before messages of other nodes are dropped, as they may be lost anyway: a member that floods a
        /// slow node does not make it grow.
        var messages: Int
        /// Their bytes. A single larger one may wait alone.
        var messageBytes: Int
        /// The most bytes of inputs and of the log that is not applied that are handled where they arrive, and of
        /// entries that are encoded there: those threads carry connections and the disk, and must be back soon.
        var inlineBytes: Int

        static let standard = Limits(messages: 8192, messageBytes: 64 << 20, inlineBytes: 128 << 10)
    }

    /// What the thread that has brought an input does next.
    enum Turn {
        /// Handles these, and then says so by ``finished(openLogBytes:leaving:)``.
        case handle([ReplicaInput])
        /// Wakes the replica's thread.
        case wake
        /// Nothing: another thread handles inputs, or it is not time yet.
        case nothing
    }

    /// What the replica's thread does next.
    struct Work {
        /// First, what others have left.
        var effects: [ReplicaEffect]
        var inputs: [ReplicaInput]
        /// Whether the thread ends when it has handled them.
        var isLast: Bool
    }

    private enum Phase {
        case created, running
        /// What waits is handled, and nothing more is taken.
        case closing
        /// Nothing is handled any more.
        case halted
        case ended
    }

    private let limits: Limits
    private var phase = Phase.created
    /// What waits, in the order in which it came; emptied as a whole when a turn begins.
    private var inputs: [ReplicaInput] = []
    /// Of all inputs that wait.
    private var bytes = 0
    /// Inputs among them that came from other nodes, and their bytes: only these are bounded.
    private var messages = 0
    private var messageBytes = 0
    /// Whether something waits that is no write.
    private var isPressing = false
    /// Appends that the journal has not completed.
    private var appends = 0
    /// A thread handles inputs right now.
    private var isBusy = false
    /// The thread has a tick to handle, and comes next.
    private var isTickDue = false
    /// What the next input may cause to be applied.
    private var openLogBytes = 0
    /// Effects that were too large for the thread that handled the inputs.
    private var left: [ReplicaEffect] = []
    /// Messages for which there was no room.
    private(set) var dropped: UInt64 = 0

    init(limits: Limits) {
        self.limits = limits
    }

    var hasEnded: Bool { phase == .ended }
    var count: Int { inputs.count }

    // MARK: From outside

    mutating func start() {
        if phase == .created { phase = .running }
    }

    mutating func close() {
        if phase == .created || phase == .running { phase = .closing }
    }

    mutating func halt() {
        guard phase != .ended else { return }
        phase = .halted
        forget()
    }

    /// The journal is about to be given work; a ``ReplicaInput/appended(_:)`` will follow.
    mutating func appendBegins() {
        appends += 1
    }

    /// Takes an input that is handled together with the next one.
    mutating func queue(_ input: ReplicaInput) {
        guard isOpen else { return }
        add(input, bytes: input.bytes)
    }

    mutating func post(_ input: ReplicaInput) -> Turn {
        guard isOpen else { return .nothing }
        add(input, bytes: input.bytes)
        return turn()
    }

    /// Takes what another node has sent, unless too much of that waits.
    mutating func post(message: ReplicaInput, bytes: Int) -> Turn {
        guard isOpen else { return .nothing }
        guard messages == 0 || messages < limits.messages && messageBytes + bytes <= limits.messageBytes else {
            dropped += 1
            return .nothing
        }
        messages += 1
        messageBytes += bytes
        add(message, bytes: bytes)
        return turn()
    }

    private var isOpen: Bool { phase == .created || phase == .running }

    private mutating func add(_ input: ReplicaInput, bytes: Int) {
        inputs.append(input)
        self.bytes += bytes
        if case .write = input {} else { isPressing = true }
        if case .appended = input { appends -= 1 }
    }

    private mutating func turn() -> Turn {
        guard phase == .running, !isBusy, !isTickDue, isDue else { return .nothing }
        guard left.isEmpty, bytes + openLogBytes <= limits.inlineBytes else { return .wake }
        return .handle(take())
    }

    // MARK: Turns

    /// Whether what waits is to be handled now. Writes wait while the journal is at work.
    private var isDue: Bool { !left.isEmpty || isPressing || isTickDue || (!inputs.isEmpty && appends == 0) }

    /// Everything that waits, for the thread that handles it now.
    private mutating func take() -> [ReplicaInput] {
        isBusy = true
        defer { forget() }
        return inputs
    }

    private mutating func forget() {
        inputs = []
        (bytes, messages, messageBytes) = (0, 0, 0)
        isPressing = false
        isTickDue = false
        left = []
    }

    /// What the replica's thread is to do; nil if it has to wait.
    mutating func next(isTickDue isDueNow: Bool) -> Work? {
        guard !isBusy else {
            // The thread that handles inputs wakes this one for what it leaves, and for a tick.
            isTickDue = isDueNow
            return nil
        }
        switch phase {
        case .halted: return Work(effects: [], inputs: [], isLast: true)
        case .created, .ended: return nil
        case .running:
            guard isDue || isDueNow else { return nil }
        case .closing: break
        }
        let effects = left
        return Work(effects: effects, inputs: take(), isLast: phase == .closing)
    }

    /// Whether the thread needs no clock to be woken: the one that handles inputs wakes it.
    var wakesThread: Bool { isBusy && isTickDue }

    /// Ends a turn; answers whether the thread is to be woken.
    ///
    /// - Parameters:
    ///   - openLogBytes: ``Replica/openLogBytes`` after the turn.
    ///   - effects: What is left to the thread.
    mutating func finished(openLogBytes: Int, leaving effects: [ReplicaEffect]) -> Bool {
        isBusy = false
        self.openLogBytes = openLogBytes
        if phase != .halted { left = effects }
        return isDue || phase != .running
    }

    mutating func end() {
        phase = .ended
        forget()
    }
}
