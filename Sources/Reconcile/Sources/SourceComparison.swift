import Fleet
import Manifest
import Primitives

/// A commit's manifests beside the objects and the set that they are in force as.
struct SourceComparison {
    /// The number of the set's newest revision; 0 if there is none.
    let revision: UInt64
    /// Whether the set's newest revision says what the commit says.
    let isNewest: Bool
    /// Objects that are missing, not as the commit says, or members of the set that the commit does not name;
    /// ascending.
    let changed: [ObjectKey]
    /// Those that the commit names and that are being deleted; ascending. Nothing can be put in their place yet.
    let terminating: [ObjectKey]

    /// Costs as much as there are manifests.
    init(_ content: SourceContent, in name: String, _ fleet: Fleet) {
        var puts: [Put] = []
        for case .put(let put) in content.mutations { puts.append(put) }
        puts.sort { $0.key < $1.key }
        let record = fleet.manifestSet(named: name)
        let kept = record?.newest.map(fleet.manifests(of:)) ?? []
        revision = record?.lastRevision ?? 0
        isNewest =
            record?.newest != nil && kept.count == puts.count
            && zip(kept, puts).allSatisfy { $0.key == $1.key && $1.says(labels: $0.labels, $0.annotations, $0.spec) }
        var changed: [ObjectKey] = []
        var terminating: [ObjectKey] = []
        for put in puts {
            guard let object = fleet[put.key] else {
                changed.append(put.key)
                continue
            }
            if object.deletion != nil { terminating.append(put.key) }
            let isMember = put.key.kind == KindInfo.manifestSet.kind || fleet.manifestSet(of: put.key) == name
            let isSame = put.says(labels: object.labels, object.annotations, object.spec)
            if object.deletion != nil || !isMember || !isSame { changed.append(put.key) }
        }
        let named = Set(puts.map(\.key))
        changed += fleet.members(ofSet: name).filter { !named.contains($0) }
        self.changed = changed.sorted()
        self.terminating = terminating
    }

    var isInForce: Bool { isNewest && changed.isEmpty }
}

extension Put {
    fileprivate func says(labels: [String: String], _ annotations: [String: String], _ spec: [UInt8]) -> Bool {
        self.spec == spec && self.labels.hasSameBytes(as: labels) && self.annotations.hasSameBytes(as: annotations)
    }
}
