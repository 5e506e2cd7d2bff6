"""A web service with settings."""

import json
from pathlib import Path

import pandas
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

from extra import new_id

VERSION = "mark"

options = json.loads(Path("/settings.json").read_text())
settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY=new_id())


def answer(request):
    mean = pandas.Series([1, 2, 3]).mean()
    return JsonResponse({**options, "version": VERSION, "id": new_id(), "mean": mean})


urlpatterns = [path("", answer)]
application = get_wsgi_application()
