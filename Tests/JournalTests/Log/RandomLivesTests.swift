import DiskFaults
import Host
import Journal
import Primitives
import Raft
import Testing

@Suite("Many lives of one log")
struct RandomLivesTests {
    /// A step that the log of this model may be asked for.
    private func step(_ model: LogModel, using generator: inout SeededGenerator) -> Step {
        let state = model.hardState
        let base = model.snapshot?.snapshot.index.rawValue ?? 0
        let last = model.last.index.rawValue
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: return .seal
        case 1: return .append([JournalWrite(hardState: vote(state, using: &generator))])
        case 2 where state.commit.rawValue > base:
            let index = UInt64.random(in: base + 1...state.commit.rawValue, using: &generator)
            let term = model.entries.first { $0.index.rawValue == index }!.term.rawValue
            return .save(Fixture.snapshot(index, term, bytes: Int.random(in: 0..<900, using: &generator)))
        case 3 where Int.random(in: 0..<4, using: &generator) == 0:
            let index = last + UInt64.random(in: 1...9, using: &generator)
            let installed = Fixture.snapshot(
                index, state.term.rawValue, bytes: Int.random(in: 0..<900, using: &generator))
            return .append([
                JournalWrite(
                    hardState: HardState(term: state.term, vote: state.vote, commit: LogIndex(index)),
                    snapshot: installed)
            ])
        default: return .append(appends(model, using: &generator))
        }
    }

    private func vote(_ state: HardState, using generator: inout SeededGenerator) -> HardState {
        HardState(
            term: state.term.next, vote: Bool.random(using: &generator) ? NodeID(2) : nil, commit: state.commit)
    }

    /// One to three writes, the first of which may overwrite what is not committed.
    private func appends(_ model: LogModel, using generator: inout SeededGenerator) -> [JournalWrite] {
        var model = model
        return (0..<Int.random(in: 1...3, using: &generator)).map { _ in
            var state = model.hardState
            let isRewriting = Int.random(in: 0..<4, using: &generator) == 0
            if isRewriting { state = vote(state, using: &generator) }
            let last = model.last.index.rawValue
            let first =
                isRewriting ? UInt64.random(in: state.commit.rawValue + 1...last + 1, using: &generator) : last + 1
            let count = UInt64.random(in: 0...3, using: &generator)
            let entries = (first..<first + count).map { index in
                let isLarge = Int.random(in: 0..<30, using: &generator) == 0
                return Fixture.entry(
                    index, state.term.rawValue, bytes: Int.random(in: 0..<(isLarge ? 9000 : 600), using: &generator))
            }
            let end = entries.last?.index.rawValue ?? last
            state.commit = LogIndex(UInt64.random(in: state.commit.rawValue...end, using: &generator))
            let write = JournalWrite(hardState: state, entries: entries)
            model.apply(write)
            return write
        }
    }

    @Test(
        "After every crash the log goes on from what was acknowledged or begun",
        arguments: 1...CrashBound.seeds)
    func lives(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let first = Fixture.disk()
        try Fixture.create(on: first).close()
        var image = first.image
        var possible = [LogModel()]
        for life in 1...12 {
            if Bool.random(using: &generator) { image = crashWhileOpening(image, using: &generator) }
            let disk = FaultyDisk(image)
            let (log, recovered) = try Fixture.open(on: disk)
            guard var model = possible.first(where: { $0.matches(recovered) }) else {
                Issue.record("seed \(seed), life \(life): \(recovered.hardState) \(recovered.last)")
                return
            }
            model.hardState.commit = recovered.hardState.commit
            disk.fault = (disk.operations + Int.random(in: 1...60, using: &generator), .crash(keepsBytes: nil))
            possible = try run(log, from: model, using: &generator)
            image = disk.image.crashed { Bool.random(using: &generator) }
        }
    }

    /// The disk after a start that crashed before the log was open.
    private func crashWhileOpening(_ image: DiskImage, using generator: inout SeededGenerator) -> DiskImage {
        let disk = FaultyDisk(image, fault: (Int.random(in: 1...12, using: &generator), .crash(keepsBytes: nil)))
        switch Fixture.refusal(on: disk) {
        case nil, .disk?: break
        case let other?: Issue.record("\(other)")
        }
        return disk.image.crashed { Bool.random(using: &generator) }
    }

    /// Does random steps until the disk crashes; answers the states that may then be found.
    private func run(
        _ log: WriteAheadLog, from start: LogModel, using generator: inout SeededGenerator
    ) throws -> [LogModel] {
        var model = start
        for _ in 0..<500 {
            let next = step(model, using: &generator)
            let outcomes = next.outcomes(from: model)
            do {
                try next.perform(on: log)
            } catch JournalError.disk {
                return [model] + outcomes
            }
            model = outcomes[outcomes.count - 1]
            #expect(log.last == model.last)
        }
        return [model]
    }
}
