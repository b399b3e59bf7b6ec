import Fleet
import Primitives

extension ByteWriter {
    mutating func write(command: Command) {
        switch command {
        case .bootstrap(let bootstrap):
            let number = bootstrap.secretsFingerprint == nil ? CommandNumber.bootstrap : .bootstrapWithSecrets
            write(number.rawValue)
            write(bootstrap: bootstrap)
            if let fingerprint = bootstrap.secretsFingerprint { write(prefixed: fingerprint) }
        case .write(let write):
            let isPlain = write.change.set == nil && write.change.expectation == nil
            self.write((isPlain ? CommandNumber.write : .writeOfSet).rawValue)
            self.write(request: write.request)
            self.write(varint: write.baseRevision)
            self.write(list: write.mutations) { $0.write(mutation: $1) }
            guard !isPlain else { break }
            self.write(optional: write.change.set) { $0.write(set: $1) }
            self.write(optional: write.change.expectation) { $0.write(expectation: $1) }
        case .place(let batch):
            write(CommandNumber.place.rawValue)
            write(batch: batch)
        case .report(let report):
            write(CommandNumber.report.rawValue)
            write(report: report)
        case .createTicket(let grant):
            let number = grant.nodeName == nil ? CommandNumber.createTicket : .createNodeTicket
            write(number.rawValue)
            write(prefixed: grant.secretHash)
            write(time: grant.expiresAt)
            write(signed: Int64(grant.uses))
            if let name = grant.nodeName { write(name) }
        case .join(let join):
            let number = join.incarnation == 0 ? CommandNumber.join : CommandNumber.joinWithIncarnation
            write(number.rawValue)
            write(join: join)
            if join.incarnation != 0 { write(varint: join.incarnation) }
        case .promote(let id):
            write(CommandNumber.promote.rawValue)
            write(varint: id)
        case .remove(let id, let isForced):
            write((isForced ? CommandNumber.removeForced : .remove).rawValue)
            write(varint: id)
        case .updateMember(let id, let addresses, let level):
            write(CommandNumber.updateMember.rawValue)
            write(varint: id)
            write(list: addresses) { $0.write($1) }
            write(varint: UInt64(level))
        case .grant(let key, let name, let role):
            write(CommandNumber.grant.rawValue)
            write(publicKey: key)
            write(name)
            write(role.rawValue)
        case .raiseLevel(let level):
            write(CommandNumber.raiseLevel.rawValue)
            write(varint: UInt64(level))
        case .adoptSecretsKey(let key):
            write(CommandNumber.adoptSecretsKey.rawValue)
            write(varint: UInt64(key.version))
            write(prefixed: key.fingerprint)
        case .reseal(let specs):
            write(CommandNumber.reseal.rawValue)
            write(list: specs) { writer, spec in
                writer.write(key: spec.key)
                writer.write(prefixed: spec.old)
                writer.write(prefixed: spec.new)
            }
        case .reveal(let key, let uid):
            write(CommandNumber.reveal.rawValue)
            write(key: key)
            write(uid: uid)
        case .revoke(let key):
            write(CommandNumber.revoke.rawValue)
            write(publicKey: key)
        case .sourceReport(let report):
            write(CommandNumber.sourceReport.rawValue)
            write(key: report.key)
            write(uid: report.uid)
            write(prefixed: report.status)
            write(list: report.events) { $0.write(event: $1) }
        }
    }

    private mutating func write(bootstrap: Bootstrap) {
        write(bootstrap.clusterID)
        write(varint: bootstrap.member.id)
        write(optionalString: bootstrap.member.name)
        write(publicKey: bootstrap.member.key)
        write(list: bootstrap.member.addresses) { $0.write($1) }
        write(publicKey: bootstrap.adminKey)
        write(bootstrap.adminName)
    }

    private mutating func write(join: Join) {
        write(varint: join.id)
        write(optionalString: join.name)
        write(publicKey: join.key)
        write(list: join.addresses) { $0.write($1) }
        write(prefixed: join.ticketHash)
    }

    private mutating func write(batch: PlacementBatch) {
        write(list: batch.bindings) { writer, binding in
            writer.write(key: binding.key)
            writer.write(uid: binding.uid)
            writer.write(varint: binding.generation)
            writer.write(binding.node)
            writer.write(varint: binding.allocationCounter)
        }
        write(list: batch.notes) { writer, note in
            writer.write(key: note.key)
            writer.write(uid: note.uid)
            writer.write(varint: note.generation)
            writer.write(prefixed: note.status)
        }
        write(list: batch.events) { $0.write(event: $1) }
    }

    private mutating func write(report: NodeReport) {
        write(varint: report.member)
        write(varint: report.sequence)
        write(optional: report.nodeStatus) { $0.write(prefixed: $1) }
        write(list: report.machines) { writer, machine in
            writer.write(key: machine.key)
            writer.write(uid: machine.uid)
            writer.write(varint: machine.epoch)
            writer.write(prefixed: machine.status)
            writer.write(machine.removed)
        }
        write(list: report.images) { writer, image in
            writer.write(key: image.key)
            writer.write(uid: image.uid)
            writer.write(optional: image.status) { $0.write(prefixed: $1) }
        }
        write(list: report.events) { $0.write(event: $1) }
    }

    private mutating func write(event: EventDraft) {
        write(key: event.regarding)
        write(optional: event.uid) { $0.write(uid: $1) }
        write(event.type.rawValue)
        write(event.reason)
        write(event.message)
        write(event.source)
    }
}
