import ArgumentParser

/// `blixard label`: sets and removes labels of objects.
struct Label: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Set and remove labels of objects.",
        discussion: """
            Examples:
              blixard label node/node-1 rack=a
              blixard label vm web tier=front --overwrite
              blixard label vm web db tier-
            """)

    @OptionGroup var options: MetadataEditOptions

    func run(in world: World) async throws { try await MetadataEdit(field: .labels, options: options).run(in: world) }
}

/// `blixard annotate`: sets and removes annotations of objects.
struct Annotate: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "annotate",
        abstract: "Set and remove annotations of objects.",
        discussion: """
            An annotation's value may be any text.

            Examples:
              blixard annotate vm web example.org/owner='the web team'
              blixard annotate vm/web example.org/owner='the database team' --overwrite
              blixard annotate vm/web example.org/owner-
            """)

    @OptionGroup var options: MetadataEditOptions

    func run(in world: World) async throws {
        try await MetadataEdit(field: .annotations, options: options).run(in: world)
    }
}
