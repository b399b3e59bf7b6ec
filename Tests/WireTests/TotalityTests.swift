import Fleet
import Manifest
import Primitives
import Testing
import Wire

@Suite("Whatever can be decoded can be applied")
struct TotalityTests {
    /// A cluster that the samples fit into: member 1 with key 5, the sample's ticket, and its machine, bound.
    private func cluster() -> Fleet {
        var fleet = Fleet()
        func run(_ command: Command) {
            _ = fleet.apply(Samples.envelope(command), index: fleet.appliedIndex + 1)
        }
        run(
            .bootstrap(
                Bootstrap(
                    clusterID: "c1", member: .init(id: 1, name: "n1", key: Samples.key(5), addresses: []),
                    adminKey: Samples.key(2), adminName: "alice")))
        let ticket = [UInt8](repeating: 9, count: 32)
        run(.createTicket(.init(secretHash: ticket, expiresAt: .init(milliseconds: 1 << 42), uses: 2)))
        let puts = [Samples.machine, Samples.image].map {
            Mutation.put(
                Put(key: $0, labels: [:], annotations: [:], spec: [], precondition: .none, requiredNode: nil))
        }
        run(.write(WriteCommand(request: RequestID(high: 0, low: 1), baseRevision: 0, mutations: puts)))
        if let uid = fleet[Samples.machine]?.uid {
            let binding = NewBinding(
                key: Samples.machine, uid: uid, generation: 1, node: "n1", allocationCounter: 0)
            run(.place(PlacementBatch(bindings: [binding], notes: [], events: [])))
        }
        return fleet
    }

    @Test("commands with any bit flipped have an outcome, and the fleet can be stored after it")
    func bitFlips() throws {
        let cluster = cluster()
        #expect(cluster.bound(to: "n1").count == 1)
        var applied = 0
        for sample in Samples.commands {
            let bytes = CommandCodec.encode(Samples.envelope(sample.command))
            for position in bytes.indices {
                for bit in 0..<8 {
                    var damaged = bytes
                    damaged[position] ^= 1 << UInt8(bit)
                    // Refusing to decode is tested elsewhere.
                    guard let envelope = try? CommandCodec.decode(damaged) else { continue }
                    var fleet = cluster
                    _ = fleet.apply(envelope, index: fleet.appliedIndex + 1)
                    _ = fleet.apply(Samples.envelope(sample.command), index: fleet.appliedIndex + 1)
                    applied += 1
                    guard applied.isMultiple(of: 101) else { continue }
                    #expect(try Fleet(snapshot: fleet.encodeSnapshot()) == fleet)
                }
            }
        }
        #expect(applied > 1000)
    }

    @Test("commands with a number of any size at any place have an outcome, after which the fleet goes on")
    func numbers() throws {
        let cluster = cluster()
        let numbers: [UInt64] = [0, 1, 1 << 31, 1 << 32, 1 << 53, (1 << 56) - 1, 1 << 56, (1 << 63) - 1, 1 << 63, .max]
        var applied = 0
        for sample in Samples.commands {
            let bytes = CommandCodec.encode(Samples.envelope(sample.command))
            for place in bytes.indices {
                for number in numbers {
                    var writer = ByteWriter()
                    writer.write(raw: Array(bytes[..<place]))
                    writer.write(varint: number)
                    writer.write(raw: Array(bytes[(place + 1)...]))
                    // Refusing to decode is tested elsewhere.
                    guard let envelope = try? CommandCodec.decode(writer.bytes) else { continue }
                    var fleet = cluster
                    _ = fleet.apply(envelope, index: fleet.appliedIndex + 1)
                    // Whatever it left behind, everything else is applied on top of it.
                    for next in Samples.commands {
                        _ = fleet.apply(Samples.envelope(next.command), index: fleet.appliedIndex + 1)
                    }
                    applied += 1
                    guard applied.isMultiple(of: 31), fleet.level <= Fleet.knownLevel else { continue }
                    let snapshot = fleet.encodeSnapshot()
                    #expect(try Fleet(snapshot: snapshot) == fleet)
                    #expect(try Fleet(snapshot: snapshot).stateHash == fleet.stateHash)
                }
            }
        }
        #expect(applied > 1000)
    }

    @Test("commands with extreme numbers have an outcome")
    func extremes() throws {
        for stamp in [Int64.min, -1, 0, .max] {
            for number in [0, 1, UInt64.max - 1, .max] {
                var fleet = cluster()
                let commands: [Command] = [
                    .bootstrap(
                        Bootstrap(
                            clusterID: "", member: .init(id: number, name: "", key: Samples.key(1), addresses: []),
                            adminKey: Samples.key(1), adminName: "")),
                    .write(WriteCommand(request: Samples.request, baseRevision: number, mutations: [])),
                    .report(
                        NodeReport(
                            member: 1, sequence: number, nodeStatus: nil, machines: [], images: [], events: [])),
                    .createTicket(
                        TicketGrant(
                            secretHash: [UInt8](repeating: 1, count: 32), expiresAt: .init(milliseconds: stamp),
                            uses: Int(truncatingIfNeeded: number))),
                    .join(
                        Join(
                            id: number, name: "", key: Samples.key(9), addresses: [],
                            ticketHash: [UInt8](repeating: 1, count: 32), incarnation: number)),
                    .promote(id: number), .remove(id: number, isForced: true),
                    .updateMember(id: number, addresses: [], level: UInt32(truncatingIfNeeded: number)),
                    .raiseLevel(UInt32(truncatingIfNeeded: number)),
                ]
                for command in commands {
                    let envelope = CommandEnvelope(
                        stamp: .init(milliseconds: stamp), author: Samples.key(5), command: command)
                    let index = fleet.appliedIndex + 1
                    _ = fleet.apply(try CommandCodec.decode(CommandCodec.encode(envelope)), index: index)
                    #expect(fleet.appliedIndex == index)
                    #expect(fleet.time.rfc3339.utf8.count == 20)
                }
                guard fleet.level <= Fleet.knownLevel else { continue }
                #expect(try Fleet(snapshot: fleet.encodeSnapshot()) == fleet)
            }
        }
    }
}
