import Manifest
import Primitives

extension Fleet {
    mutating func decodeCore(from reader: inout ByteReader) throws(DecodingFailure) {
        clusterID = try reader.readString()
        let levelOffset = reader.offset
        level = try reader.readUInt32()
        guard (1...Fleet.knownLevel).contains(level) else {
            throw DecodingFailure(.unknownVersion(UInt64(level)), offset: levelOffset)
        }
        time = try reader.readTime()
        revision = try reader.readCounter()
        appliedIndex = try reader.readCounter()
        memberTable = try MemberTable(from: &reader)
        for _ in 0..<(try reader.readCount()) {
            let offset = reader.offset
            let key = try reader.readPublicKey()
            let name = try reader.readString()
            let entry = AccessEntry(key: key, name: name, role: try reader.readCase(AccessRole.self))
            try demandNew(access.updateValue(entry, forKey: key), "user", offset)
        }
        for _ in 0..<(try reader.readCount()) {
            let offset = reader.offset
            let ticket = try Ticket(from: &reader)
            try demandNew(tickets.updateValue(ticket, forKey: ticket.secretHash), "ticket", offset)
        }
        for _ in 0..<(try reader.readCount()) {
            let offset = reader.offset
            let node = try reader.readString()
            let counter = try reader.readCounter()
            try demandNew(allocationCounters.updateValue(counter, forKey: node), "counter", offset)
        }
    }

    mutating func decodeObjects(from reader: inout ByteReader) throws(DecodingFailure) {
        let count = try reader.readCount()
        var previous: ObjectKey?
        for _ in 0..<count {
            let offset = reader.offset
            let object = try FleetObject(from: &reader)
            if let previous, !(previous < object.key) {
                throw DecodingFailure(.invalid("objects out of order at \(object.key.quoted)"), offset: offset)
            }
            guard object.resourceVersion <= revision, object.generation > 0 else {
                throw DecodingFailure(
                    .invalid(
                        "\(object.key.quoted) at revision \(object.resourceVersion) of \(revision), "
                            + "generation \(object.generation)"), offset: offset)
            }
            try demandNew(objects[object.key], "object", offset)
            objects.put(object)
            previous = object.key
        }
    }

    mutating func decodeEvents(from reader: inout ByteReader) throws(DecodingFailure) {
        var records: [EventRecord] = []
        for _ in 0..<(try reader.readCount()) {
            let offset = reader.offset
            let record = try EventRecord(from: &reader)
            guard record.revision > records.last?.revision ?? 0, record.revision <= revision else {
                throw DecodingFailure(.invalid("events out of order at revision \(record.revision)"), offset: offset)
            }
            records.append(record)
        }
        let departed = try reader.readList { reader throws(DecodingFailure) in
            EventTable.Departed(key: try reader.readKey(), uid: try reader.readUID())
        }
        eventTable = EventTable(records: records, departed: departed, bounds: bounds)
    }

    mutating func decodeRequests(from reader: inout ByteReader) throws(DecodingFailure) {
        let floor = try reader.readOptional { reader throws(DecodingFailure) in try reader.readVarint() }
        requests = RequestWindow(floor: floor, bounds: bounds)
        var previous: UInt64 = 0
        for _ in 0..<(try reader.readCount()) {
            let offset = reader.offset
            let request = try reader.readRequest()
            let answer = try KeptAnswer(from: &reader, clusterID: clusterID)
            guard answer.index > previous, answer.index <= appliedIndex, answer.revisionBefore <= revision,
                requests[request] == nil
            else {
                throw DecodingFailure(.invalid("request \(request) of index \(answer.index)"), offset: offset)
            }
            requests.keep(answer, for: request)
            previous = answer.index
        }
    }

    mutating func decodeTicketNames(from reader: inout ByteReader) throws(DecodingFailure) {
        for _ in 0..<(try reader.readCount()) {
            let offset = reader.offset
            let hash = try reader.readRaw(32)
            let name = try reader.readString()
            guard !name.isEmpty, let ticket = tickets[hash], ticket.nodeName == nil else {
                throw DecodingFailure(.invalid("a name for a ticket that has none"), offset: offset)
            }
            tickets[hash]?.nodeName = name
        }
    }

    mutating func decodeSecretsKey(from reader: inout ByteReader) throws(DecodingFailure) {
        let offset = reader.offset
        let version = try reader.readUInt32()
        guard (1...SecretsKey.largestVersion).contains(version) else {
            throw DecodingFailure(.invalid("a key for secrets of version \(version)"), offset: offset)
        }
        secretsKey = SecretsKey(version: version, fingerprint: try reader.readRaw(SecretsKey.fingerprintCount))
    }

    private func demandNew<Value>(_ old: Value?, _ what: String, _ offset: Int) throws(DecodingFailure) {
        guard old == nil else { throw DecodingFailure(.invalid("a \(what) twice"), offset: offset) }
    }
}
