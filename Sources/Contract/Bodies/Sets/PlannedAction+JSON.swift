import JSONText
import Manifest
import Primitives
import Reconcile

extension PlannedAction {
    init(reader: AnswerReader) throws(AnswerMismatch) {
        let seconds = try reader.optionalNumber("observedAgeSeconds", in: 0...Int64.max)
        self.init(
            key: try reader.objectKey(), node: try reader.optionalText("node"), action: try reader.text("action"),
            reason: try reader.text("reason"), observedAgeMilliseconds: seconds?.multipliedClamped(by: 1000),
            changesSomething: try reader.flag("changesSomething"))
    }

    var json: JSON {
        var json = key.members
        json["node"] = node.map { .string($0) } ?? .null
        json["action"] = .string(action)
        json["reason"] = .string(reason)
        json["observedAgeSeconds"] = observedAgeMilliseconds.map { .integer($0 / 1000) } ?? .null
        json["changesSomething"] = .bool(changesSomething)
        return json
    }
}
