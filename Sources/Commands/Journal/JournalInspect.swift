import ArgumentParser
import Host
import Journal

/// `blixard journal inspect`: segments, snapshots and entries.
struct JournalInspect: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what a log holds.",
        discussion: """
            It opens nothing for writing and takes no lock, so a node may run meanwhile; what that one writes at the \
            moment shows as an interrupted write.

            Examples:
              blixard journal inspect /var/lib/blixard
              blixard journal inspect /var/lib/blixard --entries 4000..4010
              blixard journal inspect /var/lib/blixard -o json
            """)

    @OptionGroup var place: JournalPlace

    @Option(
        help: ArgumentHelp(
            "List the entries of these indexes: FROM..TO, FROM.., ..TO or one index.", valueName: "indexes"))
    var entries: String?

    @OptionGroup var outputOptions: OutputOptions

    func run(in world: World) async throws {
        let format = try JournalFormat(outputOptions, of: "journal inspect")
        let inspection = try JournalReader.inspect(place, entries: try entries.map(JournalReader.indexes))
        switch format {
        case .text: try world.output.write(JournalText(inspection, listsEntries: entries != nil).text)
        case .json(let render):
            try world.output.write(render(inspection.json(listsEntries: entries != nil)))
        }
    }
}
