import Primitives

/// How much of its past a fleet keeps. Every replica keeps the same.
package struct FleetBounds: Equatable, Sendable {
    package var requests: Int
    package var answerBytes: Int
    package var changes: Int
    package var changeBytes: Int
    package var events: Int
    package var eventsPerObject: Int
    package var departedObjects: Int

    package init(
        requests: Int, answerBytes: Int, changes: Int, changeBytes: Int, events: Int, eventsPerObject: Int,
        departedObjects: Int
    ) {
        self.requests = requests
        self.answerBytes = answerBytes
        self.changes = changes
        self.changeBytes = changeBytes
        self.events = events
        self.eventsPerObject = eventsPerObject
        self.departedObjects = departedObjects
    }

    package static let standard = FleetBounds(
        requests: Limits.requestWindow, answerBytes: Limits.keptAnswerBytes, changes: Limits.changeFeedLength,
        changeBytes: Limits.changeFeedBytes, events: Limits.events, eventsPerObject: Limits.eventsPerObject,
        departedObjects: Limits.departedObjects)
}
