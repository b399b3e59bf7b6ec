import Fleet
import Primitives
import Raft
import Replica
import Wire

// Messages and snapshots on their way.
extension SimulationRun {
    /// The place of a node that can be reached at all.
    func host(of id: NodeID) -> Int? {
        let index = Int(id.rawValue) - 1
        return nodes.indices.contains(index) && !nodes[index].isRetired ? index : nil
    }

    mutating func send(_ message: PeerMessage, from sender: Int, to id: NodeID) throws(Violation) {
        if case .raft(let raft) = message { try checkWord(raft, of: sender) }
        guard let receiver = host(of: id) else { return }
        guard !network.isCut(from: sender, to: receiver) else {
            lose(.cutMessage, from: sender, to: receiver)
            return
        }
        if isFaulty, networkChance.chance(swarm.lossPerMille) {
            lose(.lostMessage, from: sender, to: receiver)
            return
        }
        let bytes = PeerMessageCodec.encode(message)
        putOnTheWay(bytes, from: sender, to: receiver)
        if isFaulty, networkChance.chance(swarm.duplicationPerMille) {
            count(.duplicatedMessage)
            putOnTheWay(bytes, from: sender, to: receiver)
        }
    }

    private mutating func putOnTheWay(_ bytes: [UInt8], from sender: Int, to receiver: Int) {
        let (arrival, overtakes) = network.arrival(
            from: sender, to: receiver, at: now + way(), keepsOrder: !isFaulty || swarm.keepsOrder)
        if overtakes { count(.reorderedMessage) }
        queue.schedule(.deliver(bytes, from: sender, to: receiver), at: arrival)
    }

    private mutating func lose(_ kind: FaultKind, from sender: Int, to receiver: Int) {
        count(kind)
        note(.lost(from: sender, to: receiver, kind))
        // The mesh says that it gave a message up when it knows; often it never knows.
        guard let run = nodes[sender].agent?.run, networkChance.chance(200) else { return }
        schedule(.input(.unreachable(nodes[receiver].identity.id), run), in: networkChance.within(1...100))
    }

    private mutating func way() -> Int64 {
        let usual = networkChance.within(swarm.wayMilliseconds)
        guard isFaulty, networkChance.chance(swarm.delayPerMille) else { return usual }
        count(.delayedMessage)
        return usual + networkChance.within(1...swarm.lateMilliseconds)
    }

    mutating func deliver(_ bytes: [UInt8], from sender: Int, to receiver: Int) throws(Violation) {
        guard let run = nodes[receiver].agent?.run else { return }
        let message: PeerMessage
        do throws(DecodingFailure) {
            message = try PeerMessageCodec.decode(bytes)
        } catch {
            throw Violation(.coding, "a message of node \(sender + 1) is unreadable: \(error)")
        }
        note(.delivered(from: sender, to: receiver, message, checksum: CRC32C.checksum(bytes)))
        try feed(.message(from: nodes[sender].identity.id, misread(message, by: receiver)), to: run)
    }

    // MARK: Snapshots

    mutating func sendSnapshot(_ message: Message, _ run: AgentRun, to id: NodeID) throws(Violation) {
        try checkWord(message, of: run.node)
        guard let receiver = host(of: id) else {
            reportTransfer(of: message, run, isDelivered: false, in: 1)
            return
        }
        // A later one replaces what is still under way.
        let replaced = transfers.values.filter { $0.sender == run && $0.receiver == receiver }
        for transfer in replaced { transfers[transfer.number] = nil }
        let number = nextTransfer
        nextTransfer += 1
        transfers[number] = SnapshotTransfer(
            number: number, sender: run, receiver: receiver, message: message,
            isCut: network.isCut(from: run.node, to: receiver) || network.isCut(from: receiver, to: run.node))
        schedule(.transferEnds(number), in: networkChance.within(swarm.transferMilliseconds))
    }

    mutating func transferEnds(_ number: Int) throws(Violation) {
        guard let transfer = transfers.removeValue(forKey: number) else { return }
        let receiver = transfer.receiver
        var isCut = transfer.isCut || !network.isConnected(transfer.sender.node, receiver)
        if isCut { count(.cutMessage) }
        if !isCut, isFaulty, networkChance.chance(swarm.cutTransferPerMille) {
            isCut = true
            count(.cutTransfer)
            // The last bytes may have arrived, and only the word of it not.
            if networkChance.chance(300) { try arrive(transfer) }
        }
        let isDelivered = !isCut && nodes[receiver].isUp
        if isDelivered {
            try arrive(transfer)
            if isFaulty, networkChance.chance(swarm.duplicatedTransferPerMille) {
                count(.duplicatedTransfer)
                try arrive(transfer)
            }
        }
        if isFaulty, networkChance.chance(swarm.lostReportPerMille) {
            count(.lostTransferReport)
            return
        }
        reportTransfer(of: transfer.message, transfer.sender, isDelivered: isDelivered, in: way())
    }

    private mutating func arrive(_ transfer: SnapshotTransfer) throws(Violation) {
        guard let run = nodes[transfer.receiver].agent?.run, var message = Optional(transfer.message),
            var snapshot = message.snapshot
        else { return }
        if options.plantedBug == .spoilSnapshots {
            snapshot.data = Self.spoiled(snapshot.data)
            message.snapshot = snapshot
        }
        if options.plantedBug == .snapshotWithoutMembership, snapshot.metadata.confState.voters.count > 1 {
            message.snapshot?.metadata.confState.voters.removeFirst()
        }
        guard let fleet = try? Fleet(snapshot: snapshot.data) else {
            throw Violation(.coding, "a snapshot of node \(transfer.sender.node + 1) is unreadable")
        }
        note(.snapshotArrived(from: transfer.sender.node, to: transfer.receiver, index: snapshot.index.rawValue))
        try feed(
            .snapshotReceived(from: nodes[transfer.sender.node].identity.id, message, fleet), to: run)
    }

    private mutating func reportTransfer(
        of message: Message, _ run: AgentRun, isDelivered: Bool, in milliseconds: Int64
    ) {
        guard let index = message.snapshot?.index else { return }
        schedule(.input(.snapshotSent(to: message.to, index: index, isDelivered: isDelivered), run), in: milliseconds)
    }
}

/// A snapshot on its way from one node to another, over a connection of its own.
struct SnapshotTransfer {
    var number: Int
    var sender: AgentRun
    var receiver: Int
    var message: Message
    /// The connection broke on the way, though its ends may not know.
    var isCut = false
}
