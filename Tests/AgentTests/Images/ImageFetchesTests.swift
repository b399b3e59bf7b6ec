import Manifest
import NIOPosix
import Reconcile
import Replica
import TestFiles
import Testing

@testable import Agent

@Suite("Fetches of images", .timeLimit(.minutes(1)))
struct ImageFetchesTests {
    private static func order(_ source: String) -> ImageOrder {
        ImageOrder(
            name: "kernel",
            spec: ImageSpec(source: source, digestHex: String(repeating: "0", count: 64), format: .kernel))
    }

    private static func fetches(
        _ directory: String, _ answer: @escaping @Sendable (ImageOrder, ImageShelf.Holding) -> Void
    ) -> ImageFetches {
        ImageFetches(
            ImageStore(
                room: ImageStore.Room(directory: directory, keptBytes: 0, freeBytes: { _ in .max }),
                sources: ImageStore.Sources(
                    directories: SourceDirectories(directories: ["/nowhere"]), home: directory, pace: .standard),
                atOnce: 2, group: MultiThreadedEventLoopGroup.singleton),
            answer: answer)
    }

    @Test("each order of an image is answered once")
    func answered() async throws {
        await TemporaryDirectory.with(named: "agent") { directory in
            let (answers, input) = AsyncStream.makeStream(of: ImageOrder.self)
            let fetches = Self.fetches(directory) { order, _ in input.yield(order) }
            let owner = Task { await fetches.run() }
            var answered = answers.makeAsyncIterator()
            for name in ["/nowhere/a", "/nowhere/b"] {
                fetches.begin(Self.order(name))
                #expect(await answered.next() == Self.order(name))
            }
            owner.cancel()
            await owner.value
        }
    }

    @Test("an order of an image that is given up is not answered, and the same order that is given anew is")
    func givenUp() async throws {
        await TemporaryDirectory.with(named: "agent") { directory in
            let (answers, input) = AsyncStream.makeStream(of: ImageOrder.self)
            let fetches = Self.fetches(directory) { order, _ in input.yield(order) }
            for name in ["/nowhere/a", "/nowhere/b"] { fetches.begin(Self.order(name)) }
            fetches.giveUp(Self.order("/nowhere/a"))
            fetches.giveUp(Self.order("/nowhere/b"))
            fetches.begin(Self.order("/nowhere/b"))
            fetches.giveUp(Self.order("/nowhere/c"))
            let owner = Task { await fetches.run() }
            var answered = answers.makeAsyncIterator()
            #expect(await answered.next() == Self.order("/nowhere/b"))
            owner.cancel()
            await owner.value
            input.finish()
            #expect(await answered.next() == nil)
        }
    }
}
