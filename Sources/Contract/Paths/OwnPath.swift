public import Manifest

/// What Kubernetes has no verb for: a route of this API, under `/blixard/v1`.
///
/// A client asks for `text`. A server gives its router the `pattern` of the same case, with the pattern of a
/// ``PathParameter`` in the place of each value.
public enum OwnPath: Hashable, Sendable {
    /// `POST` of an ``ApplyRequest``; answers a ``WriteReport``.
    case apply
    /// `POST` of a ``DeleteRequest``; answers a ``WriteReport``.
    case delete
    /// `POST` of a ``PlanRequest``; answers a ``PlanAnswer``.
    case plan
    /// `GET`; answers a ``SetHistory``.
    case setHistory(set: String)
    /// `GET`; answers a ``SetRevisionAnswer``. The number is of decimal digits.
    case setRevision(set: String, number: String)
    /// `POST`; answers a ``ReconcileAnswer``, with status 202.
    case reconcile(source: String)
    /// `GET`; answers a ``ClusterState``.
    case cluster
    /// `GET`; answers an ``ObservedAnswer``.
    case observed
    /// `POST` of a ``ShutdownRequest``; answers a ``SuccessStatus``.
    case shutdown
    /// `POST` of a ``TicketRequest``; answers a ``TicketAnswer``.
    case tickets
    /// `POST` of a ``JoinRequest``; answers a ``JoinAnswer``.
    case join
    /// `POST` of a ``RemovalRequest``; answers a ``RemovalAnswer``.
    case removal(node: String)
    /// `GET` answers a ``GrantList``; `POST` of a ``GrantRequest`` a ``GrantAnswer``.
    case grants
    /// `DELETE`; answers a ``RevocationAnswer``. The key is 64 hexadecimal digits.
    case grant(key: String)
    /// `GET` answers ``SecretsKeys``; `POST` of a ``SecretsKeyOffer`` a ``SuccessStatus``.
    case secretsKeys
    /// `POST`; answers a ``SecretsKeyRotation``.
    case secretsKeyRotation
    /// `POST`; answers a ``RevealedSecret``.
    case reveal(namespace: String, secret: String)
    /// `GET`; answers a ``WhoAmI``.
    case whoami
    /// `GET` with a ``LogQuery``; answers bytes, and a ``LogPosition`` in its headers.
    case log(namespace: String, machine: String)
    /// `POST`; answers a ``MachineVerbAnswer``.
    case verb(MachineVerb, namespace: String, machine: String)

    /// The route to the log of a machine.
    public static func log(of machine: ObjectKey) -> OwnPath {
        .log(namespace: machine.namespace, machine: machine.name)
    }

    /// The route that starts or restarts a machine.
    public static func verb(_ verb: MachineVerb, on machine: ObjectKey) -> OwnPath {
        .verb(verb, namespace: machine.namespace, machine: machine.name)
    }

    /// The path as a client sends it, every value percent-encoded: `/blixard/v1/nodes/node-1/remove`.
    public var text: String { "/" + parts.map(PercentEncoding.encode).joined(separator: "/") }

    /// The path as a router is told it: `blixard/v1/nodes/:name/remove`.
    public var pattern: String { parts.joined(separator: "/") }

    private var parts: [String] {
        ["blixard", "v1"]
            + {
                switch self {
                case .apply: ["apply"]
                case .delete: ["delete"]
                case .plan: ["plan"]
                case .setHistory(let set): ["sets", set, "revisions"]
                case .setRevision(let set, let number): ["sets", set, "revisions", number]
                case .reconcile(let source): [KindInfo.gitRepository.plural, source, "reconcile"]
                case .cluster: ["cluster"]
                case .observed: ["observed"]
                case .shutdown: ["shutdown"]
                case .tickets: ["tickets"]
                case .join: ["join"]
                case .removal(let node): ["nodes", node, "remove"]
                case .grants: ["grants"]
                case .grant(let key): ["grants", key]
                case .secretsKeys: ["secrets-keys"]
                case .secretsKeyRotation: ["secrets-keys", "rotate"]
                case .reveal(let namespace, let secret):
                    ["namespaces", namespace, KindInfo.secret.plural, secret, "reveal"]
                case .whoami: ["whoami"]
                case .log(let namespace, let machine): Self.machine(namespace, machine) + ["log"]
                case .verb(let verb, let namespace, let machine): Self.machine(namespace, machine) + [verb.rawValue]
                }
            }()
    }

    private static func machine(_ namespace: String, _ name: String) -> [String] {
        ["namespaces", namespace, KindInfo.virtualMachine.plural, name]
    }
}
