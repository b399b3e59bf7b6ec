import JSONText
import Manifest

/// What kubectl asks before anything else: which groups, versions and resources there are.
enum Discovery {
    /// `GET /version`. The minor version is that of the kubectl whose questions are answered here; clients compare.
    static func version(program: String) -> JSON {
        [
            "major": "1", "minor": "32", "gitVersion": "v1.32.0+blixard.\(buildMetadata(program))", "gitCommit": "",
            "gitTreeState": "", "buildDate": "", "goVersion": "", "compiler": "", "platform": "",
        ]
    }

    /// `GET /api`: there is no core group.
    static let coreVersions: JSON = ["kind": "APIVersions", "versions": []]

    /// `GET /apis`.
    static let groups: JSON = ["kind": "APIGroupList", "apiVersion": "v1", "groups": [groupBody]]

    /// `GET /apis/blixard.dev`.
    static let group: JSON = {
        var group: JSON = ["kind": "APIGroup", "apiVersion": "v1"]
        for member in groupBody.object ?? [:] { group[member.key] = member.value }
        return group
    }()

    /// `GET /apis/blixard.dev/v1`.
    static let resources: JSON = [
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(KindInfo.apiVersion),
        "resources": .array(
            KindInfo.all.map { kind in
                [
                    "name": .string(kind.plural), "singularName": .string(kind.singular),
                    "namespaced": .bool(kind.namespaced), "kind": .string(kind.kind), "verbs": verbs(of: kind),
                    "shortNames": shortNames(of: kind), "categories": categories(of: kind),
                ]
            }),
    ]

    /// What a client must accept, and gets as the content type, for the aggregated form.
    static let aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    static let aggregatedMarker = "v=v2;as=APIGroupDiscoveryList"

    /// `GET /apis` in the aggregated form.
    static let aggregatedGroups: JSON = aggregated(items: [
        [
            "metadata": ["name": .string(KindInfo.group)],
            "versions": [
                [
                    "version": .string(KindInfo.version), "freshness": "Current",
                    "resources": .array(
                        KindInfo.all.map { kind in
                            [
                                "resource": .string(kind.plural),
                                "responseKind": [
                                    "group": .string(KindInfo.group), "version": .string(KindInfo.version),
                                    "kind": .string(kind.kind),
                                ],
                                "scope": kind.namespaced ? "Namespaced" : "Cluster",
                                "singularResource": .string(kind.singular), "shortNames": shortNames(of: kind),
                                "categories": categories(of: kind), "verbs": verbs(of: kind),
                            ]
                        }),
                ]
            ],
        ]
    ])

    /// `GET /api` in the aggregated form.
    static let aggregatedCore: JSON = aggregated(items: [])

    private static let groupBody: JSON = {
        let version: JSON = ["groupVersion": .string(KindInfo.apiVersion), "version": .string(KindInfo.version)]
        return ["name": .string(KindInfo.group), "versions": [version], "preferredVersion": version]
    }()

    private static func aggregated(items: JSON) -> JSON {
        [
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:], "items": items,
        ]
    }

    private static func verbs(of kind: KindInfo) -> JSON {
        kind.isReadOnly
            ? ["get", "list", "watch"] : ["create", "delete", "get", "list", "patch", "update", "watch"]
    }

    private static func shortNames(of kind: KindInfo) -> JSON { .array(kind.shortNames.map { .string($0) }) }

    private static func categories(of kind: KindInfo) -> JSON { kind == .virtualMachine ? ["all"] : [] }

    /// What semantic versioning allows behind the plus sign.
    private static func buildMetadata(_ program: String) -> String {
        String(program.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") ? $0 : "-" })
    }
}
