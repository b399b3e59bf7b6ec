import ArgumentParser
import Manifest

/// `blixard explain`: what a field means, from the schema that checks it.
struct Explain: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Describe the fields of a kind.",
        discussion: """
            Examples:
              blixard explain vm
              blixard explain vm.spec.memory
              blixard explain vm.spec.disks --recursive
            """)

    @Argument(help: ArgumentHelp("TYPE or TYPE.FIELD.FIELD", valueName: "field"), completion: .objects)
    var field: String

    @Flag(help: "The names of all fields below, without their descriptions.")
    var recursive = false

    func run(in world: World) async throws {
        let words = field.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        _ = try KindInfo.parse(words[0])
        do {
            try world.output.write(try Explanation(of: field, recursive: recursive).text)
        } catch let error as ExplanationError {
            throw CommandFailure.error("\(error)")
        }
    }
}
