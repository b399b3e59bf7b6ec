import Fleet
import Manifest
import Primitives
import Testing

@Suite("Histories of manifest sets")
struct SetHistoryTests {
    private var scenario = Scenario()

    @Test("a revision keeps the manifests that it had, whatever becomes of the objects")
    mutating func bodies() throws {
        try scenario.applied([.put(.machine("a", spec: #"{"n":1}"#))], of: "prod")
        try scenario.applied([.put(.machine("a", spec: #"{"n":2}"#)), .put(.machine("b"))], of: "prod")
        scenario.write(.delete(.of(.machine("a"))))
        scenario.fleet = try Fleet(snapshot: scenario.fleet.encodeSnapshot())
        let record = try #require(scenario.fleet.manifestSet(named: "prod"))
        let first = try #require(record.revision(1))
        #expect(scenario.fleet.manifests(of: first).map { String(decoding: $0.spec, as: UTF8.self) } == [#"{"n":1}"#])
        let second = try #require(record.revision(2))
        #expect(scenario.fleet.manifests(of: second).map(\.key) == [.machine("a"), .machine("b")])
        #expect(record.memberCount == 1)
    }

    @Test("the oldest revisions go beyond the limit, and it is said which")
    mutating func limit() throws {
        for number in 1...5 {
            try scenario.applied(
                [.put(.machine("a", spec: "{\"n\":\(number)}"))], of: "prod",
                settings: .of(prune: false, limit: 3))
        }
        let record = try #require(scenario.fleet.manifestSet(named: "prod"))
        #expect(record.revisions.map(\.number) == [3, 4, 5])
        #expect(record.forgotten?.through == 2 && record.forgotten?.why == .limit)
    }

    @Test("a lower limit drops revisions at once, and the newest is always kept")
    mutating func lowered() throws {
        for number in 1...4 { try scenario.applied([.put(.machine("a", spec: "{\"n\":\(number)}"))], of: "prod") }
        var put = Put.set("prod")
        put.settings = .of(prune: false, limit: 1)
        scenario.write(.put(put))
        #expect(scenario.fleet.manifestSet(named: "prod")?.revisions.map(\.number) == [4])
    }

    @Test("a history with more bytes than the bound loses its oldest revisions, with an event")
    mutating func bytes() throws {
        func spec(_ number: Int) -> String { "{\"n\":\"\(number)" + String(repeating: "x", count: 9 << 20) + "\"}" }
        for number in 1...4 { try scenario.applied([.put(.machine("a", spec: spec(number)))], of: "prod") }
        let record = try #require(scenario.fleet.manifestSet(named: "prod"))
        #expect(record.revisions.map(\.number) == [2, 3, 4])
        #expect(record.forgotten?.why == .bytes)
        #expect(scenario.fleet.events(for: .set("prod")).contains { $0.reason == "HistoryTrimmed" })
    }

    @Test("manifests that stay the same are kept once")
    mutating func shared() throws {
        let names = (0..<50).map { "m\($0)" }
        let spec = "{\"n\":\"" + String(repeating: "x", count: 4096) + "\"}"
        try scenario.applied(names.map { .put(.machine($0, spec: spec)) }, of: "prod")
        let one = scenario.fleet.encodeSnapshot().count
        for number in 1...8 {
            var mutations = names.dropFirst().map { Mutation.put(.machine($0, spec: spec)) }
            mutations.append(.put(.machine("m0", spec: "{\"n\":\(number)}")))
            try scenario.applied(mutations, of: "prod")
        }
        #expect(scenario.fleet.manifestSet(named: "prod")?.revisions.count == 9)
        // Eight more revisions and answers take less than a quarter of what the objects and the first one take.
        #expect(scenario.fleet.encodeSnapshot().count < one + one / 4)
    }

    @Test("a restored fleet goes on with its sets like the one that was saved")
    mutating func restored() throws {
        try scenario.applied("prod", ["a", "b", "c"])
        try scenario.applied("other", ["d"])
        var twin = scenario
        twin.fleet = try Fleet(snapshot: scenario.fleet.encodeSnapshot())
        #expect(twin.fleet == scenario.fleet && twin.fleet.stateHash == scenario.fleet.stateHash)
        let first = try scenario.applied("prod", ["a", "b", "d"], prune: true, adopts: true)
        let second = try twin.applied("prod", ["a", "b", "d"], prune: true, adopts: true)
        #expect(first == second && twin.fleet == scenario.fleet)
        #expect(twin.fleet.encodeSnapshot() == scenario.fleet.encodeSnapshot())
        #expect(twin.fleet.stateHash == scenario.fleet.stateHash)
    }

    @Test("the fleet without objects still says of what set an object is, and at which revision the set is")
    mutating func heads() throws {
        try scenario.applied("prod", ["a", "b"])
        try scenario.applied("prod", ["a"])
        let reader = scenario.fleet.withoutObjects
        #expect(reader.manifestSet(of: .machine("a")) == "prod")
        let record = try #require(reader.manifestSet(named: "prod"))
        #expect(record.newest?.number == 2 && record.memberCount == 1 && record.revisions.count == 1)
    }

    @Test("after the last set is gone, a restored fleet numbers manifests as the one that was saved")
    mutating func lastSet() throws {
        try scenario.applied("prod", ["a", "b"])
        scenario.write(.delete(.set("prod", .orphan)))
        var twin = scenario
        twin.fleet = try Fleet(snapshot: scenario.fleet.encodeSnapshot())
        #expect(twin.fleet.stateHash == scenario.fleet.stateHash && twin.fleet == scenario.fleet)
        try scenario.applied("next", ["a"])
        try twin.applied("next", ["a"])
        #expect(twin.fleet.stateHash == scenario.fleet.stateHash && twin.fleet == scenario.fleet)
    }

    @Test("a message or commit beyond its bound is refused")
    mutating func words() {
        var application = SetApplication(name: "prod")
        application.message = String(repeating: "m", count: 4097)
        application.commit = String(repeating: "c", count: 129)
        var write = scenario.nextWrite([.put(.machine("a"))])
        write.change.set = application
        #expect(scenario.run(.write(write)).reasons == [.invalid, .invalid])
    }

    @Test("a snapshot with sets that is cut short or has a flipped bit is read as the same state or not at all")
    mutating func damage() throws {
        try scenario.applied("prod", ["a", "b"])
        try scenario.applied("prod", ["a"], prune: true)
        let snapshot = scenario.fleet.encodeSnapshot()
        for length in 0..<snapshot.count {
            #expect(throws: DecodingFailure.self) { try Fleet(snapshot: Array(snapshot.prefix(length))) }
        }
        for place in snapshot.indices {
            var damaged = snapshot
            damaged[place] ^= 1 << UInt8(place % 8)
            // Most places hold text or numbers, of which another value is as good; none may trap.
            _ = try? Fleet(snapshot: damaged)
        }
    }
}

@Suite("Applies of plans")
struct SetExpectationTests {
    private var scenario = Scenario()

    @Test("a planned write is refused where an object was changed, made or deleted since, and applied where none was")
    mutating func moved() throws {
        try scenario.applied("prod", ["a", "b", "c"])
        let expectation = scenario.expectation(["a", "d"], pruned: ["b", "c"])
        var moved = scenario
        moved.write(.put(.machine("a", spec: #"{"n":1}"#)))
        moved.write(.put(.machine("d")))
        moved.write(.delete(.of(.machine("b"))))
        let refusals = moved.refusals(
            [.put(.machine("a")), .put(.machine("d"))], of: "prod", prune: true, percent: 100, expectation: expectation)
        #expect(Set(refusals.map(\.reason)) == [.conflict])
        #expect(refusals.compactMap(\.key).sorted() == ["a", "b", "d"].map(ObjectKey.machine).sorted())
        let answer = try scenario.applied(
            [.put(.machine("a")), .put(.machine("d"))], of: "prod", prune: true, percent: 100, expectation: expectation)
        #expect(answer.pruned.map(\.key) == [.machine("b"), .machine("c")])
    }

    @Test("a new status moves nothing")
    mutating func status() throws {
        scenario.createBound("a", on: "n1")
        let expectation = scenario.expectation(["a"], pruned: [])
        let machine = scenario["a"]
        scenario.report(
            1,
            machines: [
                MachineReport(key: machine.key, uid: machine.uid, epoch: 1, status: [UInt8(ascii: "1")], removed: false)
            ])
        try scenario.applied([.put(.machine("a", spec: #"{"n":2}"#))], of: "prod", expectation: expectation)
    }

    @Test("an object that was deleted and made anew is not the planned one")
    mutating func anew() throws {
        scenario.write(.put(.machine("a")))
        let expectation = scenario.expectation(["a"], pruned: [])
        scenario.write(.delete(.of(.machine("a"))))
        scenario.write(.put(.machine("a")))
        let refusals = scenario.refusals([.put(.machine("a"))], of: "prod", expectation: expectation)
        #expect(refusals.map(\.reason) == [.conflict] && refusals[0].message.contains("created anew"))
    }
}
