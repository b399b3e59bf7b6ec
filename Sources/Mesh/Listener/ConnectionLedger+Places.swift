import Primitives

// Which connections get a place past the handshake, and which give one up for it.
extension ConnectionLedger.State {
    enum Place: Equatable {
        case free
        /// That of another connection.
        case taken(from: UInt64)
        case refused(Refusal)
    }

    /// A place for a newcomer. At most one other connection gives way: the first limit that is reached names it, and
    /// since the newcomer then takes its place, no other limit is passed that was kept before.
    func place(for entry: ConnectionLedger.Entry, _ limits: ListenerLimits) -> Place {
        if !entry.admission.isAdmitted { return placeOfStranger(entry, limits) }
        let own = byKey[entry.peer] ?? []
        if entry.alpn == .raft {
            let raft = own.filter { open[$0]?.alpn == .raft }
            if raft.count >= limits.raftPerMember { return .taken(from: raft[0]) }
        }
        if own.count >= limits.connectionsPerKey(entry.admission) {
            return oldestIdle(own).map { .taken(from: $0) } ?? .refused(.tooManyOfKey)
        }
        if hasRoom(for: entry.admission, limits) { return .free }
        return largestKeysIdle(below: entry.admission, than: own.count).map { .taken(from: $0) }
            ?? .refused(.tooManyConnections)
    }

    private func placeOfStranger(_ entry: ConnectionLedger.Entry, _ limits: ListenerLimits) -> Place {
        let own = strangers.filter { open[$0]?.peer == entry.peer }
        if own.count >= limits.strangersPerKey {
            return oldestIdle(own).map { .taken(from: $0) } ?? .refused(.tooManyOfKey)
        }
        let near = strangers.filter { open[$0]?.address == entry.address }
        if near.count >= limits.strangersPerAddress {
            return oldestIdle(near).map { .taken(from: $0) } ?? .refused(.tooManyStrangers)
        }
        if strangers.count >= limits.strangers || !hasRoom(for: entry.admission, limits) {
            return oldestIdle(strangers).map { .taken(from: $0) } ?? .refused(.tooManyStrangers)
        }
        return .free
    }

    private func hasRoom(for admission: Admission, _ limits: ListenerLimits) -> Bool {
        let others = users + strangers.count
        switch admission {
        case .member: return open.count - joining < limits.connections
        case .administrator: return others + administrators < limits.forAdministrators
        case .user, .refused: return others < limits.forUsers
        }
    }

    private func oldestIdle(_ numbers: [UInt64]) -> UInt64? {
        numbers.first { open[$0]?.isIdle == true }
    }

    /// The oldest idle connection of the key of no higher rank that has the most of them, if it has more than so many.
    private func largestKeysIdle(below admission: Admission, than count: Int) -> UInt64? {
        var found: (number: UInt64, count: Int)?
        for numbers in byKey.values where numbers.count > count && numbers.count >= found?.count ?? 0 {
            guard let number = oldestIdle(numbers), let rank = open[number]?.admission.rank, rank <= admission.rank
            else { continue }
            if let found, found.count == numbers.count, found.number < number { continue }
            found = (number, numbers.count)
        }
        return found?.number
    }

    mutating func add(_ number: UInt64, _ entry: ConnectionLedger.Entry) {
        open[number] = entry
        byKey[entry.peer, default: []].append(number)
        count(entry, number, by: 1)
    }

    mutating func remove(_ number: UInt64) {
        guard let entry = open.removeValue(forKey: number) else { return }
        byKey[entry.peer]?.removeAll { $0 == number }
        if byKey[entry.peer]?.isEmpty == true { byKey[entry.peer] = nil }
        count(entry, number, by: -1)
    }

    private mutating func count(_ entry: ConnectionLedger.Entry, _ number: UInt64, by change: Int) {
        switch entry.admission {
        case .member: break
        case .administrator: administrators += change
        case .user: users += change
        case .refused where entry.hasTicket: joining += change
        case .refused where change > 0: strangers.append(number)
        case .refused: strangers.removeAll { $0 == number }
        }
    }

    /// Takes a connection from the strangers to those that join; false if as many join as may.
    mutating func keep(_ number: UInt64, _ limits: ListenerLimits) -> Bool {
        guard var entry = open[number], !entry.admission.isAdmitted else { return true }
        if entry.hasTicket { return true }
        guard joining < limits.joining else { return false }
        count(entry, number, by: -1)
        entry.hasTicket = true
        open[number] = entry
        count(entry, number, by: 1)
        return true
    }
}
