import Fleet
import Primitives

extension ByteReader {
    mutating func readCommand() throws(DecodingFailure) -> Command {
        switch try readCase(CommandNumber.self) {
        case .bootstrap: return .bootstrap(try readBootstrap())
        case .bootstrapWithSecrets:
            var bootstrap = try readBootstrap()
            bootstrap.secretsFingerprint = try readPrefixed()
            return .bootstrap(bootstrap)
        case .write:
            return .write(
                WriteCommand(
                    request: try readRequest(), baseRevision: try readVarint(),
                    mutations: try readList { reader throws(DecodingFailure) in try reader.readMutation() }))
        case .writeOfSet: return .write(try readWriteOfSet())
        case .place: return .place(try readBatch())
        case .report: return .report(try readReport())
        case .createTicket:
            return .createTicket(
                TicketGrant(secretHash: try readPrefixed(), expiresAt: try readTime(), uses: try readInt()))
        case .createNodeTicket:
            return .createTicket(
                TicketGrant(
                    secretHash: try readPrefixed(), expiresAt: try readTime(), uses: try readInt(),
                    nodeName: try readString()))
        case .join: return .join(try readJoin(hasIncarnation: false))
        case .joinWithIncarnation: return .join(try readJoin(hasIncarnation: true))
        case .promote: return .promote(id: try readVarint())
        case .remove: return .remove(id: try readVarint(), isForced: false)
        case .removeForced: return .remove(id: try readVarint(), isForced: true)
        case .updateMember:
            return .updateMember(id: try readVarint(), addresses: try readStrings(), level: try readUInt32())
        case .grant:
            return .grant(
                key: try readPublicKey(), name: try readString(), role: try readCase(AccessRole.self))
        case .raiseLevel: return .raiseLevel(try readUInt32())
        case .revoke: return .revoke(key: try readPublicKey())
        case .adoptSecretsKey:
            return .adoptSecretsKey(SecretsKey(version: try readUInt32(), fingerprint: try readPrefixed()))
        case .reseal:
            return .reseal(
                try readList { reader throws(DecodingFailure) in
                    ResealedSpec(
                        key: try reader.readKey(), old: try reader.readPrefixed(), new: try reader.readPrefixed())
                })
        case .reveal: return .reveal(try readKey(), try readUID())
        case .sourceReport:
            return .sourceReport(
                SourceReport(
                    key: try readKey(), uid: try readUID(), status: try readPrefixed(), events: try readEvents()))
        }
    }

    private mutating func readStrings() throws(DecodingFailure) -> [String] {
        try readList { reader throws(DecodingFailure) in try reader.readString() }
    }

    private mutating func readBootstrap() throws(DecodingFailure) -> Bootstrap {
        Bootstrap(
            clusterID: try readString(),
            member: Bootstrap.Founder(
                id: try readVarint(), name: try readOptionalString(), key: try readPublicKey(),
                addresses: try readStrings()),
            adminKey: try readPublicKey(), adminName: try readString())
    }

    private mutating func readJoin(hasIncarnation: Bool) throws(DecodingFailure) -> Join {
        Join(
            id: try readVarint(), name: try readOptionalString(), key: try readPublicKey(),
            addresses: try readStrings(), ticketHash: try readPrefixed(),
            incarnation: hasIncarnation ? try readNonzero() : 0)
    }

    /// 0 has another form, and equal commands have equal bytes.
    private mutating func readNonzero() throws(DecodingFailure) -> UInt64 {
        let start = offset
        let value = try readVarint()
        guard value != 0 else { throw DecodingFailure(.invalid("0 is no incarnation"), offset: start) }
        return value
    }

    private mutating func readBatch() throws(DecodingFailure) -> PlacementBatch {
        PlacementBatch(
            bindings: try readList { reader throws(DecodingFailure) in
                NewBinding(
                    key: try reader.readKey(), uid: try reader.readUID(), generation: try reader.readVarint(),
                    node: try reader.readString(), allocationCounter: try reader.readVarint())
            },
            notes: try readList { reader throws(DecodingFailure) in
                PlacementNote(
                    key: try reader.readKey(), uid: try reader.readUID(), generation: try reader.readVarint(),
                    status: try reader.readPrefixed())
            },
            events: try readEvents())
    }

    private mutating func readReport() throws(DecodingFailure) -> NodeReport {
        NodeReport(
            member: try readVarint(), sequence: try readVarint(), nodeStatus: try readOptionalBytes(),
            machines: try readList { reader throws(DecodingFailure) in
                MachineReport(
                    key: try reader.readKey(), uid: try reader.readUID(), epoch: try reader.readVarint(),
                    status: try reader.readPrefixed(), removed: try reader.readBool())
            },
            images: try readList { reader throws(DecodingFailure) in
                ImageReport(
                    key: try reader.readKey(), uid: try reader.readUID(), status: try reader.readOptionalBytes())
            },
            events: try readEvents())
    }

    private mutating func readOptionalBytes() throws(DecodingFailure) -> [UInt8]? {
        try readOptional { reader throws(DecodingFailure) in try reader.readPrefixed() }
    }

    private mutating func readEvents() throws(DecodingFailure) -> [EventDraft] {
        try readList { reader throws(DecodingFailure) in
            EventDraft(
                regarding: try reader.readKey(),
                uid: try reader.readOptional { reader throws(DecodingFailure) in try reader.readUID() },
                type: try reader.readCase(EventType.self), reason: try reader.readString(),
                message: try reader.readString(), source: try reader.readString())
        }
    }
}
