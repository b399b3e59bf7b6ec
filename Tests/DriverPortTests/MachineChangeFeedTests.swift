import DriverPort
import Primitives
import Testing

@Suite("The feed of changed machines")
struct MachineChangeFeedTests {
    @Test("The feed tells each consumer of a machine once, however often it changed, in order of the first changes")
    func backlog() async {
        let feed = MachineChangeFeed()
        let uids = (1...3).map { UID(cluster: "test", index: $0, position: 0) }
        var consumer = feed.subscribe().makeAsyncIterator()
        for uid in [uids[0], uids[1], uids[0], uids[2], uids[1]] { feed.report(uid) }
        for uid in uids { #expect(await consumer.next() == uid) }
        feed.report(uids[0])
        #expect(await consumer.next() == uids[0])
    }

    @Test("The feed of changed machines begins for each consumer with its subscription")
    func subscription() async {
        let feed = MachineChangeFeed()
        let uids = (1...2).map { UID(cluster: "test", index: $0, position: 0) }
        feed.report(uids[0])
        var consumer = feed.subscribe().makeAsyncIterator()
        feed.report(uids[1])
        #expect(await consumer.next() == uids[1])
    }
}
