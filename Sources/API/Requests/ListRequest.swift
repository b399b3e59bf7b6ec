import Contract
import Fleet
import Manifest

/// What a GET of a collection asks for.
struct ListRequest {
    let kind: KindInfo
    /// Nil for all namespaces, and for kinds that have none.
    let namespace: String?
    let labels: LabelSelector
    let fields: ObjectFilter
    let consistency: ReadConsistency
    let table: TableObjects?

    init(kind: KindInfo, namespace: String?, query: QueryItems, accept: String) throws(APIStatus) {
        self.kind = kind
        self.namespace = namespace
        do throws(SelectorError) {
            labels = try LabelSelector(query[.labelSelector] ?? "")
        } catch {
            throw APIStatus(.badRequest, error.description)
        }
        fields = try ObjectFilter(query[.fieldSelector] ?? "", kind: kind)
        consistency = try ReadConsistency(query: query)
        table = try TableObjects(accept: accept, query: query)
    }

    /// Everything in the view that is asked for.
    func items(in view: ClusterView) -> ListedItems {
        if kind == .event { return .events(events(in: view)) }
        return .objects(view.fleet.objects(kind: kind.kind, namespace: namespace).filter(matches))
    }

    func matches(_ object: FleetObject) -> Bool {
        object.key.kind == kind.kind && (namespace == nil || object.key.namespace == namespace)
            && labels.matches(object.labels) && fields.matches(object.key)
    }

    /// Oldest first. Events carry no labels: a selector that asks for one finds none.
    func events(in view: ClusterView) -> [EventRecord] {
        view.fleet.events(for: nil).filter(matches).sorted { $0.revision < $1.revision }
    }

    func matches(_ event: EventRecord) -> Bool {
        (namespace == nil || EventRenderer.namespace(of: event) == namespace) && labels.matches([:])
            && fields.matches(event)
    }
}

extension TableObjects {
    /// Nil if the client wants plain objects.
    init?(accept: String, query: QueryItems) throws(APIStatus) {
        guard accept.contains("as=Table") else { return nil }
        switch query[.includeObject] {
        case nil, "", "Metadata": self = .metadata
        case "None": self = .none
        case "Object": self = .full
        case let other?:
            throw APIStatus(
                .badRequest,
                "query parameter includeObject: Unsupported value: \"\(other)\": "
                    + "supported values: \"Metadata\", \"None\", \"Object\"")
        }
    }
}
