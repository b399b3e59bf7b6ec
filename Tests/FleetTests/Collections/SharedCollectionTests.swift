import Primitives
import Testing

@testable import Fleet

@Suite("Collections whose copies share what they have in common")
struct SharedCollectionTests {
    @Test("a table does what a dictionary does, and a copy of it stays what it was")
    func tableAgainstDictionary() {
        var generator = SeededGenerator(seed: 11)
        var table = ShardedTable<Int, Int>()
        var model: [Int: Int] = [:]
        var copies: [(ShardedTable<Int, Int>, [Int: Int])] = []
        for round in 0..<20_000 {
            let key = Int(generator.next() % 700)
            if generator.next() % 3 == 0 {
                #expect(table.removeValue(forKey: key) == model.removeValue(forKey: key))
            } else {
                #expect(table.updateValue(round, forKey: key) == model.updateValue(round, forKey: key))
            }
            if round % 4000 == 0 { copies.append((table, model)) }
        }
        copies.append((table, model))
        for (table, model) in copies {
            #expect(table.count == model.count && table.isEmpty == model.isEmpty)
            #expect(table.keys.sorted() == model.keys.sorted())
            #expect(table.values.sorted() == model.values.sorted())
            #expect(model.allSatisfy { table[$0.key] == $0.value })
        }
    }

    @Test("tables are equal by what they hold, whatever was in them before")
    func tableEquality() {
        var left = ShardedTable<String, Int>()
        var right = ShardedTable<String, Int>()
        for number in 0..<300 { left["\(number)"] = number }
        for number in (0..<600).reversed() { right["\(number)"] = number }
        #expect(left != right)
        for number in 300..<600 { right["\(number)"] = nil }
        #expect(left == right)
        right["7"] = 8
        #expect(left != right)
        #expect(ShardedTable<String, Int>() == ShardedTable<String, Int>())
    }

    @Test("a queue does what an array does, over many chunks, and a copy of it stays what it was")
    func queueAgainstArray() {
        var generator = SeededGenerator(seed: 12)
        var queue = Queue<Int>()
        var model: [Int] = []
        var copies: [(Queue<Int>, [Int])] = []
        for round in 0..<12_000 {
            // Grows for a while, shrinks for a while.
            if generator.next() % 100 < (round / 2000 % 2 == 0 ? 70 : 20) {
                queue.append(round)
                model.append(round)
            } else {
                let expected = model.isEmpty ? nil : model.removeFirst()
                #expect(queue.popFirst() == expected)
            }
            if round % 1500 == 0 { copies.append((queue, model)) }
        }
        copies.append((queue, model))
        for (queue, model) in copies {
            #expect(queue.count == model.count && queue.first == model.first && queue.last == model.last)
            #expect(queue.elements == model)
            #expect(queue == Queue(model))
        }
        queue.removeAll { $0 % 2 == 0 }
        #expect(queue.elements == model.filter { $0 % 2 != 0 })
    }

    @Test("a queue lets go of an element when it is taken, not when its neighbours are")
    func queueLetsGo() {
        final class Token {}
        var queue = Queue<Token>()
        weak var first: Token?
        do {
            let token = Token()
            first = token
            queue.append(token)
            queue.append(Token())
        }
        #expect(first != nil)
        queue.popFirst()
        #expect(first == nil && queue.count == 1)
    }
}
