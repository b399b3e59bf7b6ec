import Raft

// What a shell does with a node's output.
extension InteractionEnvironment {
    mutating func processReady(_ index: Int) throws(Failure) {
        let isAsynchronous = members[index].configuration.asynchronousStorageWrites
        let ready = members[index].node.ready()
        emit(Describe.ready(ready))
        if !isAsynchronous {
            var work = Message(
                .storageAppend, from: members[index].node.id, to: .appendThread, entries: ready.entries,
                snapshot: ready.snapshot)
            if let hard = ready.hardState {
                work.term = hard.term
                work.vote = hard.vote
                work.commit = hard.commit
            }
            store(index, work)
            try apply(index, ready.committed)
        }
        for message in ready.messages {
            switch message.to {
            case .appendThread: members[index].appendWork.append(message)
            case .applyThread: members[index].applyWork.append(message)
            default: messages.append(message)
            }
        }
        if !isAsynchronous {
            members[index].node.advance()
            printTrace(index)
        }
    }

    private mutating func store(_ index: Int, _ work: Message) {
        members[index].node.store(work)
        offerLatestSnapshot(index)
    }

    /// The snapshot that a node sends is always that of its latest applied entry.
    private mutating func offerLatestSnapshot(_ index: Int) {
        let latest = members[index].history.last.flatMap { $0.index == .zero ? nil : $0 }
        members[index].node.storage.overrideSnapshot(latest)
    }

    private mutating func apply(_ index: Int, _ entries: [Entry]) throws(Failure) {
        for entry in entries {
            guard let last = members[index].history.last else { return }
            var state = last.metadata.confState
            var added = entry.data
            if entry.isMembershipChange {
                added = []
                try call(index) { node throws(RaftError) in state = try node.apply(try entry.confChange()) }
            }
            members[index].history.append(
                Snapshot(
                    metadata: SnapshotMetadata(index: entry.index, term: entry.term, confState: state),
                    data: last.data + added))
        }
        if !entries.isEmpty { offerLatestSnapshot(index) }
    }

    mutating func processAppendThread(_ index: Int) {
        guard !members[index].appendWork.isEmpty else { return emit("no append work to perform") }
        let work = begin(members[index].appendWork.removeFirst())
        store(index, work)
        finish(work)
    }

    mutating func processApplyThread(_ index: Int) throws(Failure) {
        guard !members[index].applyWork.isEmpty else { return emit("no apply work to perform") }
        let work = begin(members[index].applyWork.removeFirst())
        try apply(index, work.entries)
        finish(work)
    }

    private mutating func begin(_ work: Message) -> Message {
        var bare = work
        bare.responses = []
        emit("Processing:\n" + Describe.message(bare) + "\n")
        return work
    }

    private mutating func finish(_ work: Message) {
        emit("Responses:\n")
        for response in work.responses { emit(Describe.message(response) + "\n") }
        messages += work.responses
    }

    /// Takes out the messages to one node.
    private func selects(_ message: Message, _ to: NodeID, _ kind: Message.Kind?, _ drop: Bool) -> Bool {
        message.to == to && !(drop && isLocal(message)) && (kind == nil || message.kind == kind)
    }

    /// - Returns: How many messages were handled.
    mutating func deliver(to id: NodeID, kind: Message.Kind?, drop: Bool) -> Int {
        let chosen = messages.filter { selects($0, id, kind, drop) }
        messages = messages.filter { !selects($0, id, kind, drop) }
        for message in chosen {
            emit((drop ? "dropped: " : "") + Describe.message(message) + "\n")
            if drop { continue }
            let isOwn = isLocal(message)
            do throws(Failure) {
                try call(Int(id.rawValue) - 1) { node throws(RaftError) in
                    if isOwn {
                        try node.stepOwn(message)
                        // A node that never had a term can be made to send a snapshot all the same.
                    } else if message.term == .zero && !message.from.isLocalThread && message.kind != .propose
                        && message.kind != .readIndex
                    {
                        try node.stepTermless(message)
                    } else {
                        try node.step(message)
                    }
                }
            } catch {
                emit(error.text + "\n")
            }
        }
        return chosen.count
    }

    /// Lets the given nodes work until nothing moves.
    mutating func stabilize(_ indexes: [Int]) throws(Failure) {
        var moved = true
        var rounds = 0
        while moved {
            moved = false
            rounds += 1
            guard rounds <= 10_000 else { throw Failure("nothing settles") }
            for index in indexes where members[index].node.hasReady {
                emit("> \(index + 1) handling Ready\n")
                try indented { environment throws(Failure) in try environment.processReady(index) }
                moved = true
            }
            for index in indexes {
                let id = members[index].node.id
                guard messages.contains(where: { $0.to == id }) else { continue }
                emit("> \(index + 1) receiving messages\n")
                try indented { environment throws(Failure) in
                    _ = environment.deliver(to: id, kind: nil, drop: false)
                }
                moved = true
            }
            for index in indexes where !members[index].appendWork.isEmpty {
                emit("> \(index + 1) processing append thread\n")
                while !members[index].appendWork.isEmpty {
                    try indented { environment throws(Failure) in environment.processAppendThread(index) }
                }
                moved = true
            }
            for index in indexes where !members[index].applyWork.isEmpty {
                emit("> \(index + 1) processing apply thread\n")
                while !members[index].applyWork.isEmpty {
                    try indented { environment throws(Failure) in try environment.processApplyThread(index) }
                }
                moved = true
            }
        }
    }
}
