public import Fleet
public import JSONText
import Manifest
import Primitives

// What a plan saw, as plan files keep it and an apply sends it back.
extension WriteExpectation {
    /// - Throws: 400 for a member that is missing, wrong or not known.
    public init(json: JSON) throws(APIStatus) {
        try json.refuseMembers(besides: ["objects", "pruned"])
        var objects: [Object] = []
        for (position, element) in (json["objects"]?.array ?? []).enumerated() {
            objects.append(try Object(json: element, at: "expected.objects[\(position)]"))
        }
        var pruned: [ObjectKey] = []
        for (position, element) in (json["pruned"]?.array ?? []).enumerated() {
            let place = "expected.pruned[\(position)]"
            try element.refuseMembers(besides: ["kind", "namespace", "name"])
            pruned.append(try ObjectKey(json: element, at: place))
        }
        guard objects.count <= Limits.objectsPerApply, pruned.count <= Limits.objectsPerApply else {
            throw APIStatus(
                .requestEntityTooLarge, "expected: Too many: must have at most \(Limits.objectsPerApply) items")
        }
        self.init(objects: objects, pruned: pruned)
    }

    init(reader: AnswerReader) throws(AnswerMismatch) {
        self.init(
            objects: try reader.elements("objects") { (object) throws(AnswerMismatch) in
                let uid = try object.optionalText("uid")
                guard let uid else { return Object(key: try object.objectKey(), state: nil) }
                guard let id = UID(uid), let digest = UInt64(try object.text("digest"), radix: 16) else {
                    throw object.mismatch("uid", "a UUID, with a digest beside it")
                }
                return Object(key: try object.objectKey(), state: ManifestState(uid: id, digest: digest))
            },
            pruned: try reader.elements("pruned") { (key) throws(AnswerMismatch) in try key.objectKey() })
    }

    public var json: JSON {
        [
            "objects": .array(
                objects.map { object in
                    var json = object.key.members
                    json["uid"] = object.state.map { .string($0.uid.description) }
                    json["digest"] = object.state.map { .string(String($0.digest, radix: 16)) }
                    return json
                }),
            "pruned": .array(pruned.map(\.members)),
        ]
    }
}

extension WriteExpectation.Object {
    fileprivate init(json: JSON, at place: String) throws(APIStatus) {
        try json.refuseMembers(besides: ["kind", "namespace", "name", "uid", "digest"])
        let key = try ObjectKey(json: json, at: place)
        guard let text = try json.text("uid") else {
            self.init(key: key, state: nil)
            return
        }
        guard let uid = UID(text), let digest = UInt64(try json.text("digest") ?? "", radix: 16) else {
            throw APIStatus(.badRequest, "\(place): uid must be a UUID, with a digest beside it")
        }
        self.init(key: key, state: ManifestState(uid: uid, digest: digest))
    }
}

extension ObjectKey {
    fileprivate init(json: JSON, at place: String) throws(APIStatus) {
        guard let word = json["kind"]?.string, let kind = KindInfo.all.first(where: { $0.kind == word }) else {
            throw APIStatus(.badRequest, "\(place).kind: must be the name of a kind")
        }
        guard let name = json["name"]?.string, !name.isEmpty else {
            throw APIStatus(.badRequest, "\(place).name: Required value")
        }
        self = kind.key(namespace: try json.text("namespace") ?? KindInfo.defaultNamespace, name: name)
    }
}
