import Primitives
import Simulation

/// Objects that do what the fleet does: the rules of its answers, rather than what can be concluded from them.
struct ObjectStore {
    struct Object {
        var value: String
        var version: UInt64
        var isTerminating = false
    }

    var hasControllers: Bool
    var generator: SeededGenerator
    private(set) var objects: [String: Object] = [:]
    private var revision: UInt64 = 0

    init(hasControllers: Bool, generator: SeededGenerator) {
        self.hasControllers = hasControllers
        self.generator = generator
    }

    /// Something happened elsewhere: in other objects, or by a controller in one of these.
    mutating func stir() {
        revision += UInt64.random(in: 0...2, using: &generator)
        guard hasControllers, let key = objects.keys.sorted().randomElement(using: &generator) else { return }
        revision += 1
        if objects[key]?.isTerminating == true {
            objects[key] = nil
        } else {
            objects[key]?.version = revision
        }
    }

    mutating func apply(_ input: ObjectModel.Input) -> ObjectModel.Output {
        stir()
        let object = objects[input.key]
        switch input.verb {
        case .read:
            return object.map { .found($0.value, version: $0.version, isTerminating: $0.isTerminating) } ?? .missing
        case .put(let value, let precondition): return put(input.key, object, value, precondition)
        case .delete(let version): return delete(input.key, object, version)
        }
    }

    private mutating func put(
        _ key: String, _ object: Object?, _ value: String, _ precondition: ObjectModel.Precondition
    ) -> ObjectModel.Output {
        guard let object else {
            if case .version = precondition { return .refused(.notFound) }
            revision += 1
            objects[key] = Object(value: value, version: revision)
            return .created(version: revision)
        }
        if object.isTerminating { return .refused(.terminating) }
        if precondition == .absent { return .refused(.alreadyExists) }
        if case .version(let version) = precondition, version != object.version { return .refused(.conflict) }
        if object.value == value { return .unchanged(version: object.version) }
        revision += 1
        objects[key] = Object(value: value, version: revision)
        return .configured(version: revision)
    }

    private mutating func delete(_ key: String, _ object: Object?, _ version: UInt64?) -> ObjectModel.Output {
        guard let object else { return .nothingToDelete }
        if let version, version != object.version { return .refused(.conflict) }
        if object.isTerminating { return .terminating(version: object.version) }
        revision += 1
        guard hasControllers, Bool.random(using: &generator) else {
            objects[key] = nil
            return .deleted(version: revision)
        }
        objects[key] = Object(value: object.value, version: revision, isTerminating: true)
        return .terminating(version: revision)
    }
}
