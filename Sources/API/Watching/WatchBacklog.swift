/// Objects of one moment that a watch has yet to tell.
struct WatchBacklog: Sendable {
    let type: String
    let items: ListedItems
    /// The view of that moment, without its objects.
    let view: ClusterView
    /// Of the item that is told next.
    private var position = 0

    init(type: String, items: ListedItems, view: ClusterView) {
        self.type = type
        self.items = items
        self.view = view
    }

    var isDone: Bool { position == items.count }
    /// Whether the watch begins with it.
    var isInitial: Bool { type == "ADDED" }

    /// Writes the next line; false if there is none.
    mutating func append(to writer: inout LineWriter) -> Bool {
        guard !isDone else { return false }
        switch items {
        case .objects(let objects): writer.append(type, objects[position])
        case .events(let events): writer.append(type, events[position])
        }
        position += 1
        return true
    }
}
