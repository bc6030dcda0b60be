"""What can go wrong inside the service, said without HTTP; `service.problems` gives each its status.

ServiceError
└── NoModelError     no model is loaded
"""

from __future__ import annotations

from feedback_nlp.errors import FeedbackNlpError

__all__ = ["NoModelError", "ServiceError"]


class ServiceError(FeedbackNlpError):
    """Root of the service's errors; the text is shown to the caller."""


class NoModelError(ServiceError):
    """No model is loaded, so nothing can be analysed."""
