import Simulation
import Testing

@Suite("Histories of objects")
struct ObjectModelTests {
    typealias Operation = ClientOperation<ObjectModel.Input, ObjectModel.Output>

    /// Operations one after the other; an answer of nil leaves one open.
    private func isLinearizable(
        hasControllers: Bool = false, _ steps: (ObjectModel.Verb, ObjectModel.Output?)...
    ) -> Bool {
        let operations = steps.enumerated().map { number, step in
            Operation(
                client: number, input: ObjectModel.Input(key: "o", verb: step.0), output: step.1, call: 2 * number,
                end: step.1.map { _ in 2 * number + 1 })
        }
        return LinearizabilityChecker(ObjectModel(hasControllers: hasControllers), budget: .usual)
            .check(operations).isLinearizable
    }

    private func found(_ value: String, _ version: UInt64, isTerminating: Bool = false) -> ObjectModel.Output {
        .found(value, version: version, isTerminating: isTerminating)
    }

    @Test("an object is created once, read, replaced and deleted")
    func life() {
        #expect(
            isLinearizable(
                (.read, .missing), (.put("a", .none), .created(version: 3)), (.read, found("a", 3)),
                (.put("b", .none), .configured(version: 5)), (.put("b", .none), .unchanged(version: 5)),
                (.read, found("b", 5)), (.delete(version: nil), .deleted(version: 6)), (.read, .missing),
                (.delete(version: nil), .nothingToDelete), (.delete(version: nil), .refused(.notFound)),
                (.put("a", .absent), .created(version: 7)), (.put("c", .absent), .refused(.alreadyExists)),
                (.read, found("a", 7))))
    }

    @Test("answers that fit no life of an object are violations")
    func misfits() {
        #expect(!isLinearizable((.read, found("a", 1))))
        #expect(!isLinearizable((.put("a", .none), .configured(version: 1))))
        #expect(!isLinearizable((.put("a", .none), .created(version: 3)), (.put("b", .none), .created(version: 4))))
        #expect(!isLinearizable((.put("a", .none), .created(version: 3)), (.read, .missing)))
        #expect(!isLinearizable((.put("a", .none), .created(version: 3)), (.read, found("b", 3))))
        #expect(!isLinearizable((.put("a", .none), .created(version: 3)), (.put("a", .none), .configured(version: 4))))
        #expect(!isLinearizable((.put("a", .none), .created(version: 3)), (.put("b", .absent), .created(version: 4))))
        #expect(!isLinearizable((.delete(version: nil), .deleted(version: 1))))
        #expect(!isLinearizable((.put("a", .none), .refused(.conflict))))
        #expect(!isLinearizable((.put("a", .none), .refused(.alreadyExists))))
        #expect(!isLinearizable((.put("a", .none), .refused(.terminating))))
    }

    @Test("versions of an object only rise, also over a deletion")
    func versions() {
        let created: (ObjectModel.Verb, ObjectModel.Output?) = (.put("a", .none), .created(version: 3))
        #expect(!isLinearizable(created, (.read, found("a", 4))))
        #expect(!isLinearizable(created, (.put("b", .none), .configured(version: 3))))
        #expect(
            !isLinearizable(
                created, (.delete(version: nil), .deleted(version: 9)), (.put("b", .none), .created(version: 8))))
        // With controllers they rise by themselves, but never fall.
        #expect(isLinearizable(hasControllers: true, created, (.read, found("a", 4))))
        #expect(!isLinearizable(hasControllers: true, created, (.read, found("a", 2))))
        #expect(!isLinearizable(hasControllers: true, created, (.read, found("a", 5)), (.read, found("a", 4))))
    }

    @Test("a replacement at a version happens only at that version, and only once")
    func compareAndSet() {
        let created: (ObjectModel.Verb, ObjectModel.Output?) = (.put("a", .none), .created(version: 3))
        #expect(isLinearizable(created, (.put("b", .version(3)), .configured(version: 4))))
        #expect(!isLinearizable(created, (.put("b", .version(2)), .configured(version: 4))))
        #expect(!isLinearizable(created, (.put("b", .version(3)), .refused(.conflict))))
        #expect(isLinearizable(created, (.put("b", .version(2)), .refused(.conflict))))
        #expect(
            !isLinearizable(
                created, (.put("b", .version(3)), .configured(version: 4)),
                (.put("c", .version(3)), .configured(version: 5))))
        #expect(
            !isLinearizable(
                hasControllers: true, created, (.put("b", .version(3)), .configured(version: 4)),
                (.put("c", .version(3)), .configured(version: 5))))
        // A controller may have come first, but what was read later is no longer there to be replaced.
        #expect(isLinearizable(hasControllers: true, created, (.put("b", .version(3)), .refused(.conflict))))
        #expect(
            !isLinearizable(
                hasControllers: true, created, (.read, found("a", 5)),
                (.put("c", .version(3)), .configured(version: 6))))
        #expect(isLinearizable((.put("b", .version(3)), .refused(.notFound))))
        #expect(!isLinearizable((.put("b", .version(3)), .created(version: 4))))
        #expect(isLinearizable(created, (.delete(version: 2), .refused(.conflict))))
        #expect(!isLinearizable(created, (.delete(version: 2), .deleted(version: 4))))
    }

    @Test("a write without an answer happened, or will, or never does")
    func unknown() {
        let created: (ObjectModel.Verb, ObjectModel.Output?) = (.put("a", .none), .created(version: 3))
        #expect(isLinearizable(created, (.put("b", .none), nil), (.read, found("a", 3)), (.read, found("b", 9))))
        #expect(!isLinearizable(created, (.put("b", .none), nil), (.read, found("b", 9)), (.read, found("a", 3))))
        #expect(!isLinearizable(created, (.put("b", .none), nil), (.read, found("b", 3))))
        // What the first reader saw, the second sees.
        #expect(!isLinearizable(created, (.put("b", .none), nil), (.read, found("b", 9)), (.read, found("b", 8))))
        #expect(isLinearizable(created, (.delete(version: nil), nil), (.read, found("a", 3)), (.read, .missing)))
        #expect(!isLinearizable(created, (.delete(version: nil), nil), (.read, .missing), (.read, found("a", 3))))
        #expect(isLinearizable(created, (.put("b", .version(3)), nil), (.put("c", .version(3)), .refused(.conflict))))
        #expect(
            isLinearizable(
                created, (.put("b", .version(3)), nil), (.put("c", .version(3)), .configured(version: 4)),
                (.read, found("c", 4))))
        #expect(
            !isLinearizable(
                created, (.put("b", .version(3)), nil), (.put("c", .version(3)), .configured(version: 4)),
                (.read, found("b", 5))))
    }

    @Test("a write that was refused because of another object says nothing of this one")
    func elsewhere() {
        #expect(
            isLinearizable(
                (.put("a", .none), .refused(.elsewhere)), (.read, .missing), (.put("a", .none), .created(version: 3)),
                (.delete(version: 7), .refused(.elsewhere)), (.read, found("a", 3))))
        #expect(!isLinearizable((.put("a", .none), .refused(.elsewhere)), (.read, found("a", 3))))
    }

    @Test("a deletion that takes its time refuses writes until it has ended by itself")
    func terminating() {
        let leaving: [(ObjectModel.Verb, ObjectModel.Output?)] = [
            (.put("a", .none), .created(version: 3)), (.delete(version: nil), .terminating(version: 4)),
        ]
        #expect(
            isLinearizable(
                hasControllers: true, leaving[0], leaving[1], (.read, found("a", 4, isTerminating: true)),
                (.put("b", .none), .refused(.terminating)), (.delete(version: nil), .terminating(version: 5)),
                (.read, .missing), (.put("b", .absent), .created(version: 9))))
        #expect(
            isLinearizable(hasControllers: true, leaving[0], leaving[1], (.put("b", .none), .created(version: 9))))
        #expect(
            !isLinearizable(hasControllers: true, leaving[0], leaving[1], (.put("b", .none), .configured(version: 9))))
        #expect(!isLinearizable(hasControllers: true, leaving[0], leaving[1], (.read, found("a", 4))))
        #expect(
            !isLinearizable(
                hasControllers: true, leaving[0], leaving[1], (.read, .missing),
                (.read, found("a", 4, isTerminating: true))))
        #expect(
            !isLinearizable(
                hasControllers: true, leaving[0], leaving[1], (.read, .missing),
                (.put("b", .none), .refused(.terminating))))
        #expect(
            isLinearizable(
                hasControllers: true, leaving[0], (.delete(version: nil), nil),
                (.read, found("a", 4, isTerminating: true)), (.read, .missing)))
    }
}
