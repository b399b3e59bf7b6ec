import Primitives
import Testing

@testable import Mesh

@Suite struct OutboundQueueTests {
    private var queue = OutboundQueue(messageLimit: 3, byteLimit: 100, lifeMilliseconds: 50, pieceBytes: 10)

    @Test("What is urgent passes between the parts of a large message")
    mutating func overtaking() {
        let large = [UInt8](0..<25)
        queue.append(large, lane: .bulk, now: 0)
        #expect(queue.next(now: 0) == .begin(total: 25, large[0..<10]))
        queue.append([99], lane: .urgent, now: 0)
        #expect(queue.next(now: 0) == .whole([99]))
        #expect(queue.next(now: 0) == .more(large[10..<20]))
        queue.append([98], lane: .bulk, now: 0)
        #expect(queue.next(now: 0) == .more(large[20..<25]))
        #expect(queue.next(now: 0) == .whole([98]))
        #expect(queue.next(now: 0) == nil)
        #expect(queue.bytes == 0)
        #expect(queue.dropped == 0)
    }

    @Test("A full urgent lane loses its oldest, a full bulk lane refuses the newest, and both are counted")
    mutating func full() {
        for number in 0..<5 {
            queue.append([UInt8(number)], lane: .urgent, now: 0)
            queue.append([UInt8(10 + number)], lane: .bulk, now: 0)
        }
        #expect(queue.dropped == 4)
        #expect(queue.count == 6)
        #expect(drain() == [[2], [3], [4], [10], [11], [12]])
    }

    @Test("Bytes are bounded too, but a single large message may wait alone")
    mutating func bytes() {
        queue.append([UInt8](repeating: 1, count: 500), lane: .bulk, now: 0)
        queue.append([2], lane: .bulk, now: 0)
        #expect(queue.count == 1)
        #expect(queue.dropped == 1)
        queue.append([3], lane: .urgent, now: 0)
        #expect(queue.next(now: 0) == .whole([3]))
    }

    @Test("What is too old is thrown away, but a message of which a part has left is finished")
    mutating func age() {
        let large = [UInt8](0..<20)
        queue.append(large, lane: .bulk, now: 0)
        queue.append([1], lane: .bulk, now: 0)
        #expect(queue.next(now: 0) == .begin(total: 20, large[0..<10]))
        queue.append([2], lane: .urgent, now: 10)
        #expect(queue.next(now: 1000) == .more(large[10..<20]))
        #expect(queue.next(now: 1000) == nil)
        #expect(queue.dropped == 2)
        #expect(queue.bytes == 0)
    }

    @Test("A new connection gets a large message from its beginning")
    mutating func restart() {
        let large = [UInt8](0..<20)
        queue.append(large, lane: .bulk, now: 0)
        #expect(queue.next(now: 0) == .begin(total: 20, large[0..<10]))
        queue.restartBulk()
        #expect(queue.next(now: 0) == .begin(total: 20, large[0..<10]))
        #expect(queue.next(now: 0) == .more(large[10..<20]))
        #expect(queue.isEmpty)
    }

    @Test("An urgent message that is larger than a frame waits with the bulk")
    mutating func largeUrgent() {
        queue.append([1], lane: .bulk, now: 0)
        queue.append([UInt8](repeating: 2, count: 11), lane: .urgent, now: 0)
        #expect(queue.next(now: 0) == .whole([1]))
    }

    @Test("What keeps its order is as soon as what is urgent, but never overtakes bulk that was sent before it")
    mutating func inOrder() {
        let large = [UInt8](0..<25)
        queue.append([1], lane: .inOrder, now: 0)
        queue.append(large, lane: .inOrder, now: 0)
        queue.append([2], lane: .inOrder, now: 0)
        queue.append([9], lane: .urgent, now: 0)
        #expect(queue.next(now: 0) == .whole([1]))
        #expect(queue.next(now: 0) == .whole([9]))
        #expect(queue.next(now: 0) == .begin(total: 25, large[0..<10]))
        queue.append([3], lane: .inOrder, now: 0)
        #expect(queue.next(now: 0) == .more(large[10..<20]))
        #expect(queue.next(now: 0) == .more(large[20..<25]))
        #expect(queue.next(now: 0) == .whole([2]))
        // Still behind what waits, though that is small.
        queue.append([4], lane: .inOrder, now: 0)
        #expect(queue.next(now: 0) == .whole([3]))
        #expect(queue.next(now: 0) == .whole([4]))
        // Nothing is left, so that bulk that comes later waits.
        queue.append([6], lane: .bulk, now: 0)
        queue.append([7], lane: .urgent, now: 0)
        #expect(drain() == [[7], [6]])
    }

    @Test("Drops are told of once, until a message has left again")
    mutating func bursts() {
        #expect(queue.takeDropReport() == false)
        for _ in 0..<4 { queue.append([1], lane: .bulk, now: 0) }
        #expect(queue.takeDropReport() == true)
        for _ in 0..<4 {
            queue.append([1], lane: .bulk, now: 0)
            #expect(queue.takeDropReport() == false)
        }
        #expect(queue.next(now: 0) == .whole([1]))
        // Nothing was dropped since.
        #expect(queue.takeDropReport() == false)
        queue.dropExpired(now: 1000)
        #expect(queue.dropped == 7)
        #expect(queue.takeDropReport() == true)
        // In part is not gone: it may never become whole.
        queue.append([UInt8](0..<20), lane: .bulk, now: 1000)
        #expect(queue.next(now: 1000) == .begin(total: 20, ArraySlice(0..<10)))
        queue.countDropped()
        #expect(queue.takeDropReport() == false)
    }

    @Test("Thousands of messages go through in order", arguments: [1, 2, 3])
    func longRun(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = OutboundQueue(messageLimit: 4096, byteLimit: 1 << 20, lifeMilliseconds: 1000, pieceBytes: 10)
        var (sent, received): (UInt32, UInt32) = (0, 0)
        for _ in 0..<20_000 {
            if Bool.random(using: &generator), queue.count < 4000 {
                var writer = ByteWriter()
                writer.write(fixed: sent)
                queue.append(writer.bytes, lane: .bulk, now: 0)
                sent += 1
            } else if case .whole(let message)? = queue.next(now: 0) {
                var reader = ByteReader(message)
                #expect((try? reader.readFixed(UInt32.self)) == received)
                received += 1
            }
        }
        #expect(queue.count == Int(sent - received))
    }

    private mutating func drain() -> [[UInt8]] {
        var messages: [[UInt8]] = []
        while case .whole(let message)? = queue.next(now: 0) { messages.append(message) }
        return messages
    }
}

@Suite struct LinkChoiceTests {
    private let keys: (low: PublicKey, high: PublicKey)

    init() throws {
        keys = (
            try #require(PublicKey([UInt8](repeating: 1, count: 32))),
            try #require(PublicKey([UInt8](repeating: 2, count: 32)))
        )
    }

    @Test("Both ends keep the connection dialed by the lower key, in whichever order they see the two")
    func agreement() {
        // One connection dialed by the lower key, one by the higher, seen from both ends.
        for lowerSeesLowFirst in [true, false] {
            for higherSeesLowFirst in [true, false] {
                let lowerKeepsLow = keepsLow(own: keys.low, peer: keys.high, seesLowFirst: lowerSeesLowFirst)
                let higherKeepsLow = keepsLow(own: keys.high, peer: keys.low, seesLowFirst: higherSeesLowFirst)
                #expect(lowerKeepsLow)
                #expect(higherKeepsLow)
            }
        }
    }

    @Test("A new life of the other side, and a second dial of the same one, take over")
    func takeOver() {
        let old = LinkChoice.Facts(isDialedByUs: true, instance: 1)
        let reborn = LinkChoice.Facts(isDialedByUs: false, instance: 2)
        #expect(LinkChoice.takesNew(reborn, over: old, ownKey: keys.low, peerKey: keys.high))
        #expect(LinkChoice.takesNew(old, over: old, ownKey: keys.high, peerKey: keys.low))
    }

    private func keepsLow(own: PublicKey, peer: PublicKey, seesLowFirst: Bool) -> Bool {
        let low = LinkChoice.Facts(isDialedByUs: own < peer, instance: 1)
        let high = LinkChoice.Facts(isDialedByUs: peer < own, instance: 1)
        let (first, second) = seesLowFirst ? (low, high) : (high, low)
        return (LinkChoice.takesNew(second, over: first, ownKey: own, peerKey: peer) ? second : first) == low
    }
}
