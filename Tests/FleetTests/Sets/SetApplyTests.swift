import Fleet
import Manifest
import Primitives
import Testing

@Suite("Applying manifest sets")
struct SetApplyTests {
    private var scenario = Scenario()

    @Test("an apply of a set makes its objects members and the first revision, and creates the set's object")
    mutating func first() throws {
        let answer = try scenario.applied("prod", ["a", "b"])
        #expect(answer.results.map(\.operation) == [.created, .created])
        #expect(answer.set == SetOutcome(name: "prod", revision: 1, isNew: true))
        #expect(answer.pruned == [] && answer.released == [])
        #expect(scenario.fleet.members(ofSet: "prod") == [.machine("a"), .machine("b")])
        #expect(scenario.fleet.manifestSet(of: .machine("a")) == "prod")
        #expect(scenario.fleet[.set("prod")] != nil)
        let revision = try #require(scenario.fleet.manifestSet(named: "prod")?.newest)
        #expect(revision.authorName == "alice" && revision.author == Scenario.admin)
        #expect(revision.message == "why" && revision.commit == "abc")
        #expect(revision.counts == SetCounts(created: 2))
        #expect(scenario.fleet.manifests(of: revision).map(\.key) == [.machine("a"), .machine("b")])
        let event = try #require(scenario.fleet.events(for: .set("prod")).last)
        #expect(event.reason == "Applied" && event.message == "revision 1: 2 created, commit abc: why")
    }

    @Test("an apply without a set owns nothing and prunes nothing")
    mutating func withoutSet() throws {
        scenario.write(.put(.machine("a")))
        #expect(scenario.fleet.manifestSet(of: .machine("a")) == nil)
        try scenario.applied("prod", ["b"], prune: true)
        scenario.write(.put(.machine("c")))
        try scenario.applied("prod", ["b", "d"], prune: true)
        #expect(scenario.fleet[.machine("a")] != nil && scenario.fleet[.machine("c")] != nil)
    }

    @Test("the same manifests once more make no revision")
    mutating func unchanged() throws {
        try scenario.applied("prod", ["a"])
        let answer = try scenario.applied("prod", ["a"])
        #expect(answer.results.map(\.operation) == [.unchanged])
        #expect(answer.set == SetOutcome(name: "prod", revision: 1, isNew: false))
        #expect(scenario.fleet.manifestSet(named: "prod")?.revisions.count == 1)
    }

    @Test("what was edited by hand is mended by the next apply, which is no new revision")
    mutating func healed() throws {
        try scenario.applied("prod", ["a"])
        scenario.write(.put(.machine("a", spec: #"{"memory":"9Gi"}"#)))
        let answer = try scenario.applied("prod", ["a"])
        #expect(answer.results.map(\.operation) == [.configured])
        #expect(answer.set?.isNew == false)
    }

    @Test("with prune, an apply deletes what the revision before had and this one has not")
    mutating func prune() throws {
        try scenario.applied("prod", ["a", "b", "c"])
        let answer = try scenario.applied("prod", ["a", "b"], prune: true)
        #expect(answer.pruned.map(\.key) == [.machine("c")])
        #expect(answer.pruned.map(\.operation) == [.deleted])
        #expect(scenario.fleet[.machine("c")] == nil)
        #expect(scenario.fleet.manifestSet(named: "prod")?.newest?.counts == SetCounts(unchanged: 2, pruned: 1))
    }

    @Test("without prune, what the set no longer names stays as a member of no set, also for later applies")
    mutating func release() throws {
        try scenario.applied("prod", ["a", "b"])
        let answer = try scenario.applied("prod", ["a"])
        #expect(answer.released == [.machine("b")])
        #expect(scenario.fleet[.machine("b")] != nil && scenario.fleet.manifestSet(of: .machine("b")) == nil)
        #expect(try scenario.applied("prod", ["a"], prune: true).pruned == [])
        #expect(scenario.fleet[.machine("b")] != nil)
    }

    @Test("a bound machine that is pruned terminates until its node has released it")
    mutating func pruneBound() throws {
        try scenario.applied("prod", ["a", "b"])
        scenario.run(
            .place(PlacementBatch(bindings: [scenario.binding("b", to: "n1")], notes: [], events: [])))
        let answer = try scenario.applied("prod", ["a"], prune: true)
        #expect(answer.pruned.map(\.operation) == [.terminating])
        #expect(scenario["b"].deletion != nil)
        // It is a member no more, so that its name is not pruned again.
        #expect(scenario.fleet.manifestSet(of: .machine("b")) == nil)
        let refusals = scenario.refused("prod", ["a", "b"], prune: true)
        #expect(refusals.map(\.reason) == [.terminating])
    }

    @Test("the set's own manifest says whether it prunes, and a flag of the apply goes before it")
    mutating func settings() throws {
        try scenario.applied("prod", ["a", "b", "c"], settings: .of(prune: true))
        #expect(scenario.fleet.manifestSet(named: "prod")?.settings.prune == true)
        #expect(try scenario.applied("prod", ["a", "b"], prune: false).released == [.machine("c")])
        #expect(try scenario.applied("prod", ["a"]).pruned.map(\.key) == [.machine("b")])
    }

    @Test("an edit of the set's object alone changes how it is kept")
    mutating func editedSettings() throws {
        try scenario.applied("prod", ["a", "b", "c"])
        var put = Put.set("prod")
        put.settings = .of(prune: true)
        scenario.write(.put(put))
        #expect(try scenario.applied("prod", ["a", "b"]).pruned.map(\.key) == [.machine("c")])
    }

    @Test("a member of another set is taken over only with adopt, and the other set has it no more")
    mutating func adopt() throws {
        try scenario.applied("one", ["a", "b"])
        let refusals = scenario.refused("two", ["b"])
        #expect(refusals.map(\.reason) == [.conflict] && refusals[0].message.contains("--adopt"))
        try scenario.applied("two", ["b"], adopts: true)
        #expect(scenario.fleet.members(ofSet: "one") == [.machine("a")])
        #expect(scenario.fleet.members(ofSet: "two") == [.machine("b")])
        // The first set prunes nothing of the second.
        #expect(try scenario.applied("one", ["a"], prune: true).pruned == [])
        #expect(scenario.fleet[.machine("b")] != nil)
        #expect(scenario.refused("one", ["a", "b"]).map(\.reason) == [.conflict])
    }

    @Test("a member that was deleted and made anew by hand is a member of no set")
    mutating func anew() throws {
        try scenario.applied("prod", ["a", "b"])
        scenario.write(.delete(.of(.machine("b"))))
        scenario.write(.put(.machine("b")))
        #expect(try scenario.applied("prod", ["a"], prune: true).pruned == [])
        #expect(scenario.fleet[.machine("b")] != nil)
    }

    @Test("an apply at a revision that the set is not at is refused, and 0 means that there is none")
    mutating func expectedRevision() throws {
        #expect(scenario.refused("prod", ["a"], revision: 1).map(\.reason) == [.conflict])
        try scenario.applied("prod", ["a"], revision: 0)
        #expect(scenario.refused("prod", ["a", "b"], revision: 0).map(\.reason) == [.conflict])
        #expect(try scenario.applied("prod", ["a", "b"], revision: 1).set?.revision == 2)
    }

    @Test("a set is not applied with the object of another set, nor with a deletion")
    mutating func strangers() {
        let both: [Mutation] = [.put(.machine("a")), .put(.set("other"))]
        #expect(scenario.refusals(both, of: "prod").map(\.reason) == [.invalid])
        #expect(
            scenario.refusals([.put(.machine("a")), .delete(.of(.machine("x"), ignoreMissing: true))], of: "prod").map(
                \.reason)
                == [.invalid])
    }

    @Test("a repeated apply gets its first answer, what was pruned and released among it")
    mutating func repeated() throws {
        try scenario.applied("prod", ["a", "b", "c"])
        var write = scenario.nextWrite([.put(.machine("a")), .put(.machine("b"))])
        write.change.set = SetApplication(name: "prod", prune: true)
        let first = scenario.run(.write(write), author: Scenario.admin)
        let second = scenario.run(.write(write), author: Scenario.admin)
        #expect(first == second)
        guard case .written(let answer) = second else { Issue.record("\(second)"); return }
        #expect(answer.pruned.map(\.key) == [.machine("c")] && answer.set?.revision == 2)
        let restored = try Fleet(snapshot: scenario.fleet.encodeSnapshot())
        #expect(restored.answer(to: write) == first)
    }
}

@Suite("Guards of manifest sets")
struct SetGuardTests {
    private var scenario = Scenario()

    @Test("an empty set is refused unless it is meant, and nothing is deleted by it")
    mutating func empty() throws {
        #expect(scenario.refusals([], of: "prod").map(\.reason) == [.guarded])
        try scenario.applied("prod", ["a", "b"])
        let refusals = scenario.refusals([.put(.set("prod"))], of: "prod", prune: true)
        #expect(refusals.map(\.reason) == [.guarded] && refusals[0].message.contains("--allow-empty"))
        #expect(scenario.fleet[.machine("a")] != nil)
        let answer = try scenario.applied("prod", [], prune: true, allowsEmpty: true)
        #expect(answer.pruned.map(\.key) == [.machine("a"), .machine("b")])
    }

    @Test("deletions beyond the share are refused unless a share is named, but one deletion is never too many")
    mutating func share() throws {
        try scenario.applied("prod", ["a", "b", "c", "d", "e"])
        let refusals = scenario.refused("prod", ["a", "b"], prune: true)
        #expect(refusals.map(\.reason) == [.guarded])
        #expect(refusals[0].message.contains("3 of the 5 members") && refusals[0].message.contains("60"))
        #expect(try scenario.applied("prod", ["a", "b"], prune: true, percent: 60).pruned.count == 3)
        #expect(try scenario.applied("prod", ["a"], prune: true).pruned.count == 1)
    }

    @Test("half of the members may be deleted by a share of 50")
    mutating func half() throws {
        try scenario.applied("prod", ["a", "b", "c", "d"])
        #expect(try scenario.applied("prod", ["a", "b"], prune: true).pruned.count == 2)
    }

    @Test("a share of 0 lets one deletion through, and no two")
    mutating func none() throws {
        try scenario.applied("prod", ["a", "b", "c", "d"], settings: .of(prune: true, percent: 0))
        #expect(scenario.refused("prod", ["a", "b"]).map(\.reason) == [.guarded])
        #expect(try scenario.applied("prod", ["a", "b", "c"]).pruned.count == 1)
    }

    @Test("a protected object is deleted neither by name nor by its set")
    mutating func protected() throws {
        var put = Put.machine("b")
        put.annotations = [FleetObject.protectAnnotation: "true"]
        try scenario.applied([.put(.machine("a")), .put(put)], of: "prod")
        #expect(scenario.write(.delete(.of(.machine("b")))).reasons == [.protected])
        #expect(scenario.refused("prod", ["a"], prune: true).map(\.reason) == [.protected])
        #expect(scenario.fleet[.machine("b")] != nil)
        // Without prune it only leaves the set.
        #expect(try scenario.applied("prod", ["a"]).released == [.machine("b")])
        scenario.write(.put(.machine("b")))
        #expect(scenario.write(.delete(.of(.machine("b")))).reasons == [])
    }

    @Test("a retained object stays when its set lets go of it, and counts as no deletion")
    mutating func retained() throws {
        var put = Put.machine("b")
        put.annotations = [FleetObject.deletionPolicyAnnotation: "Retain"]
        try scenario.applied([.put(.machine("a")), .put(put)], of: "prod")
        let answer = try scenario.applied("prod", ["a"], prune: true)
        #expect(answer.released == [.machine("b")] && answer.pruned == [])
        #expect(scenario.write(.delete(.of(.machine("b")))).reasons == [])
    }

    @Test("a set with members is deleted only with a word about them")
    mutating func deletion() throws {
        try scenario.applied("prod", ["a", "b"])
        #expect(scenario.write(.delete(.set("prod"))).reasons == [.guarded])
        scenario.write(.delete(.set("prod", .orphan)))
        #expect(scenario.fleet[.set("prod")] == nil && scenario.fleet.manifestSet(named: "prod") == nil)
        #expect(scenario.fleet[.machine("a")] != nil && scenario.fleet.manifestSet(of: .machine("a")) == nil)
        // A new set of that name begins anew.
        #expect(try scenario.applied("prod", ["a"]).set?.revision == 1)
    }

    @Test("a set deleted with its members names each of them")
    mutating func cascade() throws {
        var kept = Put.machine("c")
        kept.annotations = [FleetObject.deletionPolicyAnnotation: "Retain"]
        try scenario.applied([.put(.machine("a")), .put(.machine("b")), .put(kept)], of: "prod")
        guard case .written(let answer) = scenario.write(.delete(.set("prod", .members))) else {
            Issue.record("refused")
            return
        }
        #expect(answer.results.map(\.operation) == [.deleted])
        #expect(answer.pruned.map(\.key) == [.machine("a"), .machine("b")] && answer.released == [.machine("c")])
        #expect(scenario.fleet[.machine("a")] == nil && scenario.fleet[.machine("c")] != nil)
    }

    @Test("a set is deleted together with all its members by their names")
    mutating func byName() throws {
        try scenario.applied("prod", ["a", "b"])
        let outcome = scenario.write(.delete(.set("prod")), .delete(.of(.machine("a"))), .delete(.of(.machine("b"))))
        #expect(outcome.operations == [.deleted, .deleted, .deleted])
    }

    @Test("a protected member keeps its set from being deleted with it")
    mutating func protectedMember() throws {
        var put = Put.machine("a")
        put.annotations = [FleetObject.protectAnnotation: "true"]
        try scenario.applied([.put(put)], of: "prod")
        #expect(scenario.write(.delete(.set("prod", .members))).reasons == [.protected])
        #expect(scenario.fleet[.set("prod")] != nil && scenario.fleet.manifestSet(of: .machine("a")) == "prod")
    }

    @Test("settings beyond their bounds are refused", arguments: [(-1, 10), (101, 10), (50, 0), (50, 101)])
    mutating func bounds(percent: Int, limit: Int) {
        var put = Put.set("prod")
        put.settings = SetSettings(prune: true, maxPrunePercent: percent, revisionHistoryLimit: limit)
        #expect(scenario.write(.put(put)).reasons == [.invalid])
        #expect(scenario.fleet.manifestSet(named: "prod") == nil)
    }
}
