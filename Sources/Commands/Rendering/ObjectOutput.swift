import JSONText
import Primitives

/// Prints objects in a format that is no table.
struct ObjectOutput {
    let format: OutputFormat
    let world: World
    var withHeader = true

    /// One object as it is.
    func print(_ object: JSON) throws { try print(object, objects: [object]) }

    /// Objects as a `List`, or as what the format makes of each.
    func print(list objects: [JSON]) throws { try print(ObjectReading.list(objects), objects: objects) }

    private func print(_ whole: JSON, objects: [JSON]) throws {
        switch format {
        case .json: try world.output.write(whole.prettyText)
        case .yaml: try world.output.write(YAMLText.render(whole))
        case .name: try world.output.write(objects.map { $0.resourceName.harmless + "\n" }.joined())
        case .jsonPath(let template): try world.writeValues(template.render(whole))
        case .columns(let columns):
            let header = withHeader ? [columns.map(\.header)] : []
            try world.output.write(TableText.render(header + CustomColumn.rows(columns, of: objects)))
        case .table, .wide: preconditionFailure("a table is not made of objects")
        }
    }
}
