import Fleet
import Manifest
import Primitives

/// What a row of a table says of its object beside the cells (`includeObject` of the request).
enum TableObjects: Equatable {
    case none
    case metadata
    case full
}

/// Writes tables of `meta.k8s.io/v1`.
struct TableWriter {
    let renderer: ObjectRenderer
    let objects: TableObjects

    /// A whole table.
    func append(
        _ items: ListedItems, of kind: KindInfo, resourceVersion: UInt64, annotations: [String: String],
        to output: inout JSONOutput
    ) {
        begin(columns: kind.columns, resourceVersion: resourceVersion, annotations: annotations, to: &output)
        switch items {
        case .objects(let objects): for object in objects { appendRow(object, to: &output) }
        case .events(let events): for event in events { appendRow(event, to: &output) }
        }
        end(to: &output)
    }

    /// Everything before the rows. The rows after the first table of a watch come with no columns.
    func begin(
        columns: [TableColumn], resourceVersion: UInt64, annotations: [String: String], to output: inout JSONOutput
    ) {
        output.beginObject()
        output.key("kind")
        output.string("Table")
        output.key("apiVersion")
        output.string("meta.k8s.io/v1")
        output.key("metadata")
        ListWriter.appendMetadata(resourceVersion: resourceVersion, annotations: annotations, to: &output)
        output.key("columnDefinitions")
        output.beginArray()
        for column in columns {
            output.element()
            column.append(to: &output)
        }
        output.endArray()
        output.key("rows")
        output.beginArray()
    }

    func end(to output: inout JSONOutput) {
        output.endArray()
        output.endObject()
    }

    func appendRow(_ object: FleetObject, to output: inout JSONOutput) {
        begin(cells: renderer.cells(object), to: &output)
        switch objects {
        case .none: break
        case .full:
            output.key("object")
            renderer.append(object, to: &output)
        case .metadata:
            beginPartialObject(to: &output)
            renderer.appendMetadata(of: object, to: &output)
            output.endObject()
        }
        output.endObject()
    }

    func appendRow(_ event: EventRecord, to output: inout JSONOutput) {
        begin(cells: EventRenderer.cells(event, now: renderer.view.now), to: &output)
        switch objects {
        case .none: break
        case .full:
            output.key("object")
            EventRenderer.append(event, to: &output)
        case .metadata:
            beginPartialObject(to: &output)
            EventRenderer.appendMetadata(of: event, to: &output)
            output.endObject()
        }
        output.endObject()
    }

    private func begin(cells: [String], to output: inout JSONOutput) {
        output.element()
        output.beginObject()
        output.key("cells")
        output.beginArray()
        for cell in cells {
            output.element()
            output.string(cell)
        }
        output.endArray()
    }

    private func beginPartialObject(to output: inout JSONOutput) {
        output.key("object")
        output.beginObject()
        output.key("kind")
        output.string("PartialObjectMetadata")
        output.key("apiVersion")
        output.string("meta.k8s.io/v1")
        output.key("metadata")
    }
}

extension ObjectRenderer {
    /// The cells of an object in the columns of its kind.
    func cells(_ object: FleetObject) -> [String] {
        switch object.key.kind {
        case KindInfo.virtualMachine.kind: machineCells(object)
        case KindInfo.node.kind: nodeCells(object)
        case KindInfo.image.kind: imageCells(object)
        case KindInfo.manifestSet.kind: setCells(object)
        case KindInfo.secret.kind: secretCells(object)
        case KindInfo.gitRepository.kind: sourceCells(object)
        default: [object.key.name, AgeText.since(object.createdAt, now: view.now)]
        }
    }
}
